//go:build linux

package install

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// machine is a copy of this machine: its file system, with all changes in memory.
type machine struct {
	t    *testing.T
	root string
}

// newMachine makes a copy, without a service manager that runs.
func newMachine(t *testing.T) *machine {
	t.Helper()
	needsRoot(t)
	needs(t, "dpkg", "dpkg-deb", "systemd-analyze", "groff")
	base := t.TempDir()
	mount(t, "tmpfs", base, "tmpfs", 0, "size=3g,mode=755")
	for _, name := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(base, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m := &machine{t: t, root: filepath.Join(base, "root")}
	layers := fmt.Sprintf("lowerdir=/,upperdir=%s/upper,workdir=%s/work", base, base)
	if err := syscall.Mount("overlay", m.root, "overlay", 0, layers); err != nil {
		testserver.Missing(t, "this kernel has no overlay file system to install packages in: %v", err)
	}
	t.Cleanup(func() { unmount(t, m.root) })
	mount(t, "proc", m.path("proc"), "proc", 0, "")
	m.devices()
	mount(t, "tmpfs", m.path("run"), "tmpfs", 0, "mode=755")
	mount(t, "tmpfs", m.path("tmp"), "tmpfs", 0, "mode=1777")
	m.forget()
	return m
}

// forget removes our packages from the copy, if this machine has them, with all that they left.
func (m *machine) forget() {
	m.t.Helper()
	m.run("/bin/sh", "-c", `for package in otelcol-activitylog activitylog; do
		if dpkg-query --show "$package" >/dev/null 2>&1; then dpkg --purge "$package" >/dev/null; fi
	done
	rm -rf /var/lib/otelcol-activitylog /etc/otelcol-activitylog
	find /var/lib/systemd /etc/systemd -name "otelcol-activitylog*" -exec rm -rf {} +
	if getent passwd otelcol-activitylog >/dev/null; then userdel otelcol-activitylog; fi`)
}

// devices makes a folder /dev of the copy's own.
func (m *machine) devices() {
	m.t.Helper()
	mount(m.t, "tmpfs", m.path("dev"), "tmpfs", 0, "mode=755")
	for name, number := range map[string]int{"null": 1<<8 | 3, "zero": 1<<8 | 5, "full": 1<<8 | 7, "random": 1<<8 | 8, "urandom": 1<<8 | 9, "tty": 5 << 8} {
		file := m.path("/dev/" + name)
		if err := syscall.Mknod(file, syscall.S_IFCHR|0o666, number); err != nil {
			m.t.Fatalf("make %s: %v", file, err)
		}
		if err := os.Chmod(file, 0o666); err != nil { // whatever the umask is
			m.t.Fatal(err)
		}
	}
	for _, folder := range []string{"/dev/pts", "/dev/shm"} {
		if err := os.Mkdir(m.path(folder), 0o755); err != nil {
			m.t.Fatal(err)
		}
	}
	mount(m.t, "devpts", m.path("/dev/pts"), "devpts", 0, "newinstance,ptmxmode=666")
	for link, target := range map[string]string{"fd": "/proc/self/fd", "ptmx": "pts/ptmx"} {
		if err := os.Symlink(target, m.path("/dev/"+link)); err != nil {
			m.t.Fatal(err)
		}
	}
}

func mount(t *testing.T, what, where, kind string, flags uintptr, data string) {
	t.Helper()
	if err := syscall.Mount(what, where, kind, flags, data); err != nil {
		t.Fatalf("mount %s on %s: %v", what, where, err)
	}
	t.Cleanup(func() { unmount(t, where) })
}

func unmount(t *testing.T, where string) {
	if err := syscall.Unmount(where, syscall.MNT_DETACH); err != nil {
		t.Errorf("unmount %s: %v", where, err)
	}
}

// path is that of a file of the copy, for this process.
func (m *machine) path(name string) string { return filepath.Join(m.root, name) }

// command is a command of the copy, as an account or as root.
func (m *machine) command(account *syscall.Credential, name string, args ...string) *exec.Cmd {
	m.t.Helper()
	// Go looks for the program before it changes the root.
	cmd := &exec.Cmd{Path: name, Args: append([]string{name}, args...), Dir: "/", SysProcAttr: chroot(m.root, account)}
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"}
	return cmd
}

// run runs a command as root and returns what it prints.
func (m *machine) run(name string, args ...string) string {
	m.t.Helper()
	out, err := m.command(nil, name, args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// dpkg runs dpkg, as unattended upgrades do: of a configuration file that an administrator has
// changed, theirs is kept.
func (m *machine) dpkg(args ...string) string {
	m.t.Helper()
	return m.run("/usr/bin/dpkg", append([]string{"--force-confdef", "--force-confold"}, args...)...)
}

// put copies a file of this machine to root's home in the copy, and returns its name there.
func (m *machine) put(file string) string {
	m.t.Helper()
	from, err := os.Open(file)
	if err != nil {
		m.t.Fatal(err)
	}
	defer from.Close()
	name := filepath.Join("/root", filepath.Base(file))
	to, err := os.Create(m.path(name))
	if err != nil {
		m.t.Fatal(err)
	}
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		m.t.Fatal(err)
	}
	return name
}

// read returns the contents of a file of the copy, or "" if there is no such file.
func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatal(err)
	}
	return string(text)
}

// write replaces the contents of a file, and neither its owner nor its mode.
func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(m.path(name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// exists reports whether there is a file, or a symbolic link.
func (m *machine) exists(name string) bool {
	_, err := os.Lstat(m.path(name))
	return err == nil
}

// account returns the ids of a user of the copy.
func (m *machine) account(name string) *syscall.Credential {
	m.t.Helper()
	for line := range strings.Lines(m.read("/etc/passwd")) {
		if fields := strings.Split(line, ":"); fields[0] == name {
			uid, errUID := strconv.ParseUint(fields[2], 10, 32)
			gid, errGID := strconv.ParseUint(fields[3], 10, 32)
			if errUID == nil && errGID == nil {
				return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
			}
		}
	}
	m.t.Fatalf("there is no user %s", name)
	return nil
}

// owned checks the owner, the group and the mode of a file.
func (m *machine) owned(name, user, group string, mode os.FileMode) {
	m.t.Helper()
	got := strings.TrimSpace(m.run("/usr/bin/stat", "-c", "%U:%G %a", name))
	if want := fmt.Sprintf("%s:%s %o", user, group, mode); got != want {
		m.t.Errorf("%s: got %s, want %s", name, got, want)
	}
}
