//go:build linux

package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// inside says that the tests run in namespaces of their own.
const inside = "ACTIVITYLOG_PACKAGING_INSIDE"

// As root the tests run in namespaces of their own. Mounts and processes vanish with them,
// whatever happens, and the ports of the shipped configuration are free.
func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		if err := loopback(); err != nil {
			fmt.Fprintln(os.Stderr, "turn the loopback interface on:", err)
			os.Exit(1)
		}
	}
	if os.Getuid() != 0 || os.Getenv(inside) != "" {
		os.Exit(m.Run())
	}
	signal.Ignore(os.Interrupt) // the child gets it as well
	args := []string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--ipc", "--", os.Args[0]}
	cmd := exec.Command("unshare", append(args, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), inside+"=yes")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "run the tests in namespaces of their own:", err)
		os.Exit(1)
	}
}

// loopback turns on the loopback interface of a network namespace.
func loopback() error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	// struct ifreq of netdevice(7).
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{name: [syscall.IFNAMSIZ]byte{'l', 'o'}, flags: syscall.IFF_UP}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return errno
	}
	return nil
}

// run runs a program and returns what it prints.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// needs skips a test that wants a program which is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			testserver.Missing(t, "%v: run sh scripts/packaging.sh", err)
		}
	}
}

// needsRoot skips a test that installs packages.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		testserver.Missing(t, "only root may install packages: run make release-test-packages as root")
	}
}

// chroot are attributes of a process in a copy of the machine.
func chroot(root string, account *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Chroot: root, Credential: account, Setpgid: true}
}
