//go:build linux

package install

import (
	"runtime"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// architectures are rpm's names of Go's.
var architectures = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// The rpm of the collector has the same files as the deb, with configuration that upgrades keep.
func TestRPM(t *testing.T) {
	needs(t, "rpm", "rpm2cpio", "cpio")
	file := disttest.File(t, name+"-*."+architectures[runtime.GOARCH]+".rpm")
	files := run(t, "rpm", "-qp", "--qf", `[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} [%{FILEFLAGS:fflags}]\n]`, file)
	for _, want := range []string{
		"/usr/bin/otelcol-activitylog -rwxr-xr-x root:root",
		config + " -rw-r--r-- root:root cn",
		envFile + " -rw-r----- root:otelcol-activitylog cn",
		"/etc/otelcol-activitylog drwxr-xr-x root:root",
		state + " drwxr-x--- otelcol-activitylog:otelcol-activitylog",
		unitFile + " -rw-r--r-- root:root",
		"/usr/share/doc/otelcol-activitylog/THIRD_PARTY_LICENSES -rw-r--r-- root:root",
		"/usr/share/licenses/otelcol-activitylog/LICENSE -rw-r--r-- root:root",
		"/usr/share/doc/otelcol-activitylog/changelog.gz -rw-r--r-- root:root",
		"/usr/share/man/man1/otelcol-activitylog.1.gz -rw-r--r-- root:root",
	} {
		if !strings.Contains(files, want) {
			t.Errorf("the package has no %q:\n%s", want, files)
		}
	}
	scripts := run(t, "rpm", "-qp", "--scripts", file)
	for script, want := range map[string]string{
		"preinstall":    "useradd --system",
		"postinstall":   "preset otelcol-activitylog.service",
		"preuninstall":  "disable --now otelcol-activitylog.service",
		"postuninstall": "try-restart otelcol-activitylog.service",
	} {
		_, after, _ := strings.Cut(scripts, script+" scriptlet")
		if body, _, _ := strings.Cut(after, " scriptlet"); !strings.Contains(body, want) {
			t.Errorf("script %s does not have %q:\n%s", script, want, scripts)
		}
	}
	if strings.Contains(scripts, "userdel") || strings.Contains(scripts, "rm ") {
		t.Errorf("a script deletes something:\n%s", scripts)
	}
	if got := run(t, "rpm", "-qp", "--requires", file); !strings.Contains(got, "shadow-utils") {
		t.Errorf("it does not need what makes users: %s", got)
	}
	inside := run(t, "sh", "-c", "rpm2cpio '"+file+"' | cpio -i --to-stdout --quiet '*config.yaml'")
	if !strings.Contains(inside, "file:"+state+"/activity.db") {
		t.Errorf("the configuration in it is not that of the packages:\n%s", inside)
	}
}

// The rpm of the command has manual pages and completions.
func TestRPMOfCommand(t *testing.T) {
	needs(t, "rpm")
	files := run(t, "rpm", "-qpl", disttest.File(t, "activitylog-*."+architectures[runtime.GOARCH]+".rpm"))
	for _, want := range []string{
		"/usr/bin/activitylog\n", "/usr/share/man/man1/activitylog-tail.1.gz",
		"/usr/share/bash-completion/completions/activitylog", "/usr/share/zsh/site-functions/_activitylog",
		"/usr/share/fish/vendor_completions.d/activitylog.fish", "/usr/share/doc/activitylog/THIRD_PARTY_LICENSES",
	} {
		if !strings.Contains(files, want) {
			t.Errorf("the package has no %s:\n%s", want, files)
		}
	}
}

// The rpm's files and scripts work in a copy of this machine, although its packages are deb: the
// user is made, a changed configuration stays beside when the package is removed, and so do rows,
// queue and user.
func TestRPMInstalled(t *testing.T) {
	m := newMachine(t)
	needs(t, "rpm")
	for _, pattern := range []string{name + "-*.", "activitylog-*."} {
		// Debian's rpm knows no package of this machine, so nothing is there that these need.
		m.run("/usr/bin/rpm", "--install", "--nodeps", "--force-debian", m.put(disttest.File(t, pattern+architectures[runtime.GOARCH]+".rpm")))
	}
	m.owned(config, "root", "root", 0o644)
	m.owned(envFile, "root", name, 0o640)
	m.owned(state, name, name, 0o750)
	m.records("one")
	edited := m.read(config) + "# ours\n"
	m.write(config, edited)

	m.run("/usr/bin/rpm", "--erase", name)
	if m.exists("/usr/bin/"+name) || m.exists(unitFile) || m.exists(config) || m.exists(envFile) {
		t.Error("removing the package left its program, its unit or its configuration")
	}
	if m.read(config+".rpmsave") != edited {
		t.Error("removing the package did not keep the edited configuration")
	}
	m.account(name)
	m.rows("one")
	if !m.exists(state + "/queue") {
		t.Error("removing the package removed the queue")
	}
}
