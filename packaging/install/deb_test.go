//go:build linux

package install

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

const (
	name    = "otelcol-activitylog"
	config  = "/etc/otelcol-activitylog/config.yaml"
	envFile = "/etc/otelcol-activitylog/otelcol-activitylog.env"
	state   = "/var/lib/otelcol-activitylog"
	// Nothing listens there.
	unreachable = "ACTIVITYLOG_DSN=postgres://nobody:hidden@127.0.0.1:9/nowhere\n"
)

// The life of an installation: install, record, upgrade with a changed configuration and an
// activity that waits in the queue, remove, purge, install again. Nothing that was recorded is lost.
func TestDeb(t *testing.T) {
	m := newMachine(t)
	old := m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb"))
	m.dpkg("-i", old, m.put(disttest.File(t, "activitylog_*_"+runtime.GOARCH+".deb")))
	installed(m)
	m.records("one")

	// The administrator names a database, which is away, and changes the configuration.
	m.write(envFile, m.read(envFile)+unreachable)
	m.write(config, "# ours\n"+strings.Replace(m.read(config), "max_in_flight_mib: 192", "max_in_flight_mib: 191", 1))
	edited := m.read(config)
	s := m.start()
	send(t, "two") // is acknowledged, and waits in the queue
	s.stop()
	m.rows("one")

	m.dpkg("-i", newer(m, old, "9.0.0"))
	if got := m.read(config); got != edited {
		t.Errorf("the upgrade has changed %s:\n%s", config, got)
	}
	if !strings.Contains(m.read(config+".dpkg-dist"), "# of 9.0.0") {
		t.Error("the new configuration is not beside the edited one")
	}
	if !strings.Contains(m.read(envFile), unreachable) {
		t.Errorf("the upgrade has changed %s", envFile)
	}
	m.owned(envFile, "root", name, 0o640)
	m.write(envFile, strings.ReplaceAll(m.read(envFile), unreachable, ""))
	s = m.start()
	m.rows("one", "two")
	s.stop()

	m.dpkg("--remove", name)
	if m.exists("/usr/bin/"+name) || m.exists(unitFile) {
		t.Error("removing the package left its program or its unit")
	}
	if m.read(config) != edited || !m.exists(envFile) {
		t.Error("removing the package removed its configuration, which only purging does")
	}
	m.rows("one", "two")

	said := m.dpkg("--purge", name)
	if m.exists(config) || m.exists(envFile) {
		t.Error("purging the package left its configuration")
	}
	if !strings.Contains(said, state+" is kept") {
		t.Errorf("purging does not say what it keeps: %s", said)
	}
	m.rows("one", "two")
	if !m.exists(state + "/queue") {
		t.Error("purging removed the queue")
	}

	m.dpkg("-i", old)
	m.records("three", "one", "two")
}

// Purging an installation that recorded nothing leaves nothing.
func TestDebPurgeOfNothing(t *testing.T) {
	m := newMachine(t)
	m.dpkg("-i", m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb")))
	if said := m.dpkg("--purge", name); strings.Contains(said, "is kept") {
		t.Errorf("purging says that it keeps something: %s", said)
	}
	for _, file := range []string{state, "/etc/" + name, "/usr/bin/" + name, "/usr/share/doc/" + name, unitFile} {
		if m.exists(file) {
			t.Errorf("purging left %s", file)
		}
	}
}

// A user of this name that somebody has made before, with another home, shell and group, is taken
// as it is.
func TestDebOfAnExistingUser(t *testing.T) {
	m := newMachine(t)
	m.run("/usr/sbin/useradd", "--create-home", "--home-dir", "/home/collector", "--shell", "/bin/bash", "--no-user-group", "--gid", "nogroup", name)
	before := m.account(name)
	m.dpkg("-i", m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb")), m.put(disttest.File(t, "activitylog_*_"+runtime.GOARCH+".deb")))
	m.owned(envFile, "root", name, 0o640)
	m.owned(state, name, name, 0o750)
	m.records("one")
	m.dpkg("--purge", name)
	if after := m.account(name); after.Uid != before.Uid || after.Gid != before.Gid || !strings.Contains(m.read("/etc/passwd"), ":/home/collector:/bin/bash\n") || !m.exists("/home/collector") {
		t.Errorf("the user has changed from %v to %v", before, after)
	}
	m.rows("one")
}

// installed checks what a first installation has made.
func installed(m *machine) {
	m.t.Helper()
	m.owned(config, "root", "root", 0o644)
	m.owned(envFile, "root", name, 0o640)
	m.owned(state, name, name, 0o750)
	if !m.exists("/etc/systemd/system/multi-user.target.wants/" + name + ".service") {
		m.t.Error("the service is not enabled")
	}
	if !strings.Contains(m.read("/etc/passwd"), name+":x:") || !strings.Contains(m.read("/etc/passwd"), state+":/usr/sbin/nologin") {
		m.t.Error("there is no user without a shell")
	}
	// An empty answer means that each file has the checksum that the package says.
	for _, pkg := range []string{name, "activitylog"} {
		if said := m.run("/usr/bin/dpkg", "--verify", pkg); said != "" {
			m.t.Errorf("verify %s: %s", pkg, said)
		}
		if !strings.Contains(m.read("/usr/share/doc/"+pkg+"/THIRD_PARTY_LICENSES"), "modernc.org/sqlite") {
			m.t.Errorf("%s has no licences of others", pkg)
		}
	}
	pages, err := filepath.Glob(m.path("/usr/share/man/man1/activitylog-*.1.gz"))
	if err != nil || len(pages) < 20 {
		m.t.Errorf("manual pages: got %d (%v), want at least 20", len(pages), err)
	}
	hasManual(m)
	complete := "source /usr/share/bash-completion/completions/activitylog && complete -p activitylog"
	if said := m.run("/bin/bash", "-c", complete); !strings.Contains(said, "__start_activitylog") {
		m.t.Errorf("completion of bash: %s", said)
	}
}

// hasManual checks that the collector's manual page has all commands and flags of the program,
// and nothing that groff warns about.
func hasManual(m *machine) {
	m.t.Helper()
	const zipped = "/usr/share/man/man1/otelcol-activitylog.1.gz"
	page := strings.NewReplacer(`\-`, "-", `\fB`, "", `\fI`, "", `\fR`, "").Replace(m.run("/bin/zcat", zipped))
	words := []string{".B explain ", ".B healthcheck ", ".B version\n"} // the program has these, and its help does not
	help := m.run("/usr/bin/"+name, "--help")
	_, commands, _ := strings.Cut(help, "Available Commands:\n")
	commands, flags, _ := strings.Cut(commands, "\nFlags:\n")
	for line := range strings.Lines(commands) {
		if fields := strings.Fields(line); len(fields) > 0 {
			words = append(words, ".B "+fields[0])
		}
	}
	for _, flag := range regexp.MustCompile(`(?m)^ .*? (--[a-z-]+) `).FindAllStringSubmatch(flags, -1) {
		words = append(words, flag[1])
	}
	if len(words) < 12 {
		m.t.Errorf("the help has only %q:\n%s", words, help)
	}
	for _, word := range words {
		if !strings.Contains(page, word) {
			m.t.Errorf("%s has no %q", zipped, word)
		}
	}
	if said := m.run("/bin/sh", "-c", "zcat "+zipped+" | groff -man -Tutf8 -ww -z 2>&1"); said != "" {
		m.t.Errorf("groff says about %s: %s", zipped, said)
	}
}

// records starts the service, sends it an activity, waits for its row beside those of before,
// and stops it.
func (m *machine) records(object string, before ...string) {
	m.t.Helper()
	s := m.start()
	send(m.t, object)
	m.rows(append(before, object)...)
	s.stop()
}

// rows waits until the packaged command finds one row for each object, and no other.
func (m *machine) rows(objects ...string) {
	m.t.Helper()
	slices.Sort(objects)
	var got []string
	testserver.Eventually(m.t, 20*time.Second, func() bool {
		got = m.objects()
		return slices.Equal(got, objects)
	}, "want a row of each of %q", objects)
}

// objects returns the object of each row that the packaged command prints.
func (m *machine) objects() []string {
	m.t.Helper()
	cmd := m.command(m.account(name), "/usr/bin/activitylog", "list", "-o", "jsonl", "--dsn", "file:"+state+"/activity.db")
	cmd.Dir = state
	out, err := cmd.Output()
	if err != nil {
		return nil // the table comes with the first row
	}
	return objectsOf(m.t, string(out))
}

// newer makes a package with a higher version and another configuration out of a package.
func newer(m *machine, file, version string) string {
	m.t.Helper()
	m.run("/usr/bin/dpkg-deb", "-R", file, "/root/newer")
	const control = "/root/newer/DEBIAN/control"
	lines := strings.Split(m.read(control), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "Version: ") {
			lines[i] = "Version: " + version
		}
	}
	m.write(control, strings.Join(lines, "\n"))
	m.write("/root/newer"+config, m.read("/root/newer"+config)+"# of "+version+"\n")
	m.run("/usr/bin/dpkg-deb", "-Znone", "-b", "/root/newer", "/root/newer.deb")
	return "/root/newer.deb"
}

// The maintainer's scripts are correct for the shell.
func TestScripts(t *testing.T) {
	for _, pattern := range []string{"../deb/p*", "../rpm/*", "../*.sh"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: got %q, %v", pattern, files, err)
		}
		for _, file := range files {
			run(t, "sh", "-n", file)
			info, err := os.Stat(file)
			if err != nil || info.Mode()&0o111 == 0 {
				t.Errorf("%s cannot be executed (%v)", file, err)
			}
		}
	}
}
