//go:build linux

package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// boot starts systemd as process 1 of the copy. The copy becomes the root of a mount namespace
// instead of a chroot, in which no user namespace could be made. $1 is its root, and the other
// arguments are its control groups in each hierarchy.
const boot = `
set -e
root=$1; shift
for group in "$@"; do echo $$ >"$group/cgroup.procs"; done
exec unshare --cgroup --mount --pid --uts --fork --kill-child sh -c '
	set -e
	root=$1; shift
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
	for group in "$@"; do
		name=${group#/sys/fs/cgroup}; name=${name%/*}
		mkdir -p "$root/sys/fs/cgroup$name"; mount --bind "$group" "$root/sys/fs/cgroup$name"
	done
	cd "$root"; mkdir -p old; pivot_root . old; cd /
	umount /proc; mount -t proc proc /proc; umount -l /old
	exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target --show-status=0
' sh "$root" "$@"
`

// systemd is a copy of the machine in which systemd runs.
type systemd struct {
	*machine
	pid int
}

// boot starts systemd. Nothing is started besides the journal and what packages have enabled
// since the copy was made.
func (m *machine) boot() *systemd {
	m.t.Helper()
	groups := m.groups()
	cmd := exec.Command("sh", append([]string{"-c", boot, "sh", m.root}, groups...)...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := &systemd{machine: m}
	children := fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid)
	testserver.Eventually(m.t, 30*time.Second, func() bool {
		text, err := os.ReadFile(children)
		if err != nil {
			return false
		}
		if s.pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return false
		}
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", s.pid))
		return err == nil && strings.TrimSpace(string(name)) == "systemd"
	}, "systemd runs")
	testserver.Eventually(m.t, time.Minute, func() bool {
		state, _ := s.in("systemctl", "is-system-running") // an error unless everything runs
		return slices.Contains([]string{"running", "degraded"}, strings.TrimSpace(state))
	}, "systemd has started everything")
	m.t.Cleanup(func() {
		if m.t.Failed() {
			status, _ := s.in("systemctl", "--no-pager", "status", name)
			journal, _ := s.in("journalctl", "--no-pager", "-n", "20")
			m.t.Logf("the state of the service:\n%s\nthe end of the journal:\n%s", status, journal)
		}
	})
	return s
}

// groups makes a control group in each hierarchy that systemd needs.
func (m *machine) groups() (groups []string) {
	m.t.Helper()
	const root = "/sys/fs/cgroup"
	hierarchies := []string{root} // version 2
	if _, err := os.Stat(root + "/cgroup.procs"); err != nil {
		hierarchies = []string{root + "/systemd", root + "/unified", root + "/memory", root + "/pids", root + "/devices"}
	}
	for _, hierarchy := range hierarchies {
		group := fmt.Sprintf("%s/activitylog-test-%d", hierarchy, time.Now().UnixNano())
		if err := os.Mkdir(group, 0o755); err != nil {
			m.t.Skipf("SKIPPED, NOTHING IS TESTED HERE: systemd cannot run, for want of control groups that can be written: %v", err)
		}
		m.t.Cleanup(func() { removeGroup(m.t, group) })
		groups = append(groups, group)
	}
	return groups
}

// removeGroup removes a control group and those in it, whose processes were killed.
func removeGroup(t *testing.T, group string) {
	testserver.Eventually(t, 10*time.Second, func() bool {
		var all []string
		_ = filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				all = append(all, path)
			}
			return nil
		})
		slices.Reverse(all)
		for _, one := range all {
			_ = os.Remove(one)
		}
		_, err := os.Stat(group)
		return errors.Is(err, fs.ErrNotExist)
	}, "the control group %s can be removed", group)
}

// in runs a command where systemd runs, and returns all that it prints.
func (s *systemd) in(args ...string) (string, error) {
	out, err := s.command(args...).CombinedOutput()
	return string(out), err
}

// command is a command where systemd runs.
func (s *systemd) command(args ...string) *exec.Cmd {
	enter := []string{"--target", strconv.Itoa(s.pid), "--mount", "--pid", "--root", "--wd=/", "--"}
	cmd := exec.Command("nsenter", append(enter, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"}
	return cmd
}

// must is in, for a command that has to work.
func (s *systemd) must(args ...string) string {
	s.t.Helper()
	out, err := s.in(args...)
	if err != nil {
		journal, _ := s.in("journalctl", "--no-pager", "-n", "30", "-u", name)
		s.t.Fatalf("%q: %v: %s\n%s", args, err, out, journal)
	}
	return out
}

// quiet removes what a copy of a developer's machine would start, and what has no place in one.
func (m *machine) quiet() {
	m.t.Helper()
	m.write("/etc/fstab", "")
	_ = os.Remove(m.path("/usr/sbin/policy-rc.d")) // containers have it, so that nothing is started
	enabled, err := filepath.Glob(m.path("/etc/systemd/system/*.wants/*"))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, link := range enabled {
		if err := os.Remove(link); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, unit := range []string{
		"systemd-udevd.service", "systemd-udev-trigger.service", "systemd-udevd-control.socket", "systemd-udevd-kernel.socket",
		"systemd-logind.service", "apparmor.service", "networking.service", "dbus.socket", "getty.target", "dev-hugepages.mount",
		"dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount",
	} {
		link := m.path("/etc/systemd/system/" + unit)
		_ = os.Remove(link)
		if err := os.Symlink("/dev/null", link); err != nil {
			m.t.Fatal(err)
		}
	}
}

// A real systemd starts the service within its sandbox when the package is installed, reloads it,
// starts it again after a crash and after an upgrade, and stops it when the package is removed.
func TestSystemd(t *testing.T) {
	m := newMachine(t)
	needs(t, "nsenter", "unshare", "pivot_root")
	m.quiet()
	old := m.put(disttest.File(t, name+"_*_"+runtime.GOARCH+".deb"))
	command := m.put(disttest.File(t, "activitylog_*_"+runtime.GOARCH+".deb"))
	later := newer(m, old, "9.0.0")
	s := m.boot()

	s.must("dpkg", "-i", old, command)
	s.active()
	send(t, "one")
	s.found("one")
	sandboxed(s)

	first := s.property("MainPID")
	s.must("systemctl", "reload", name)
	s.active()
	if s.property("MainPID") != first {
		t.Error("a reload has started another process")
	}
	m.write(config, m.read(config)+"no_such_section: {}\n")
	if out, err := s.in("systemctl", "reload", name); err == nil {
		t.Errorf("a reload with a wrong configuration works: %s", out)
	}
	s.active()
	m.write(config, strings.ReplaceAll(m.read(config), "no_such_section: {}\n", ""))

	s.must("systemctl", "kill", "--signal=KILL", name)
	s.another(first)
	send(t, "two")
	s.found("one", "two")

	second := s.property("MainPID")
	s.must("dpkg", "-i", later)
	s.another(second)
	send(t, "three")
	s.found("one", "two", "three")

	dropIn(s)
	send(t, "four")
	s.found("one", "two", "three", "four")

	s.must("dpkg", "--remove", name)
	if state, _ := s.in("systemctl", "is-active", name); strings.TrimSpace(state) != "inactive" {
		t.Errorf("after the package was removed the service is %s", state)
	}
	s.found("one", "two", "three", "four")
}

// dropIn gives the service the folder and the port below 1024 of docs/operate/install.md, by the
// drop-in there. Without that it has neither. Its variables are in a file that root alone may read.
func dropIn(s *systemd) {
	s.t.Helper()
	page, err := os.ReadFile("../../docs/operate/install.md")
	if err != nil {
		s.t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```ini\n")
	text, _, found := strings.Cut(text, "```")
	if !found {
		s.t.Fatal("the page has no drop-in")
	}
	s.must("install", "-d", "-o", name, "-g", name, "/data/activitylog")
	s.must("chmod", "0600", envFile)
	for _, variable := range []string{"ACTIVITYLOG_STORAGE=/data/activitylog/queue\n", "OTLP_GRPC_ENDPOINT=127.0.0.1:417\n"} {
		before := s.read(envFile)
		s.write(envFile, before+variable)
		_, _ = s.in("systemctl", "restart", name)
		testserver.Eventually(s.t, time.Minute, func() bool { return s.property("Result") == "exit-code" }, "with %s the service cannot start", variable)
		s.write(envFile, before)
		s.must("systemctl", "restart", name)
		s.active()
	}
	s.write(envFile, s.read(envFile)+"ACTIVITYLOG_STORAGE=/data/activitylog/queue\nOTLP_GRPC_ENDPOINT=127.0.0.1:417\n")
	s.must("mkdir", "-p", "/etc/systemd/system/"+name+".service.d")
	s.write("/etc/systemd/system/"+name+".service.d/override.conf", text)
	s.must("systemctl", "daemon-reload")
	s.must("systemctl", "restart", name)
	s.active()
	if !s.exists("/data/activitylog/queue") {
		s.t.Error("the queue is in another folder")
	}
	if conn, err := net.DialTimeout("tcp", "127.0.0.1:417", time.Second); err != nil {
		s.t.Error(err)
	} else {
		_ = conn.Close()
	}
}

// active waits until the service is active and healthy.
func (s *systemd) active() {
	s.t.Helper()
	testserver.Eventually(s.t, time.Minute, func() bool {
		state, _ := s.in("systemctl", "is-active", name)
		return strings.TrimSpace(state) == "active" && healthy(s.t.Context()) == nil
	}, "the service is active")
}

// another waits until the service has another process than before.
func (s *systemd) another(before string) {
	s.t.Helper()
	testserver.Eventually(s.t, time.Minute, func() bool {
		now := s.property("MainPID")
		return now != before && now != "0"
	}, "the service has another process than %s", before)
	s.active()
}

// property returns what systemd knows about the service.
func (s *systemd) property(key string) string {
	s.t.Helper()
	return strings.TrimSpace(s.must("systemctl", "show", "--value", "-p", key, name))
}

// found waits until the packaged command, run by the service's user, prints a row of each object.
func (s *systemd) found(objects ...string) {
	s.t.Helper()
	slices.Sort(objects)
	testserver.Eventually(s.t, 20*time.Second, func() bool {
		out, err := s.command("runuser", "-u", name, "--", "activitylog", "list", "-o", "jsonl", "--dsn", "file:"+state+"/activity.db").Output()
		return err == nil && slices.Equal(objectsOf(s.t, string(out)), objects)
	}, "want a row of each of %q", objects)
}

// objectsOf returns the objects of rows, in order.
func objectsOf(t *testing.T, lines string) (objects []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var row struct {
			ID string `json:"object_id"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("read a row: %v: %s", err, line)
		}
		objects = append(objects, row.ID)
	}
	slices.Sort(objects)
	return objects
}

// sandboxed checks what the kernel knows about the process.
func sandboxed(s *systemd) {
	s.t.Helper()
	status := s.must("cat", "/proc/"+s.property("MainPID")+"/status")
	for _, want := range []string{"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, want) {
			s.t.Errorf("the process has no %q:\n%s", want, status)
		}
	}
	if got := s.property("MemoryMax"); got != "1073741824" {
		s.t.Errorf("memory: got %s", got)
	}
	journal := s.must("journalctl", "--no-pager", "-u", name)
	for _, line := range strings.Split(journal, "\n") {
		if strings.Contains(line, "Memory limiter configured") && !strings.Contains(line, `"limit_mib": 768`) {
			s.t.Errorf("the collector does not take its limits from the unit: %s", line)
		}
	}
	if !strings.Contains(journal, "Memory limiter configured") {
		s.t.Errorf("the collector does not say its limits:\n%s", journal)
	}
}
