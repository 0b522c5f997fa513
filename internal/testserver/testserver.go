// Package testserver starts private servers for tests. Each has a free port of the
// loopback address and a temporary folder, and is stopped by process id. The
// packages pgtest, mariatest and firebirdtest start databases with it.
package testserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// Missing skips a test for want of something that scripts install or make builds.
// Where CI=true it fails the test.
func Missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("CI=true and NOTHING IS TESTED HERE: "+format, args...)
	}
	tb.Skipf("SKIPPED, NOTHING IS TESTED HERE: "+format, args...)
}

// FreeAddr returns a loopback address, host:port, whose port was free a moment ago.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	addrs, err := process.FreeAddrs(1)
	if err != nil {
		tb.Fatal(err)
	}
	return addrs[0]
}

// Accept listens on a free port until the test ends, and returns its address, host:port. It calls
// handle with each connection, one after the other.
func Accept(tb testing.TB, handle func(net.Conn)) (address string) {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handle(conn)
		}
	}()
	return listener.Addr().String()
}

// Eventually fails the test unless ok returns true within a time. The message is a
// format and its arguments.
func Eventually(tb testing.TB, within time.Duration, ok func() bool, message ...any) {
	tb.Helper()
	for deadline := time.Now().Add(within); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("what the test waits for did not happen within %v: %s", within, format(message))
		}
	}
}

func format(message []any) string {
	if len(message) == 0 {
		return ""
	}
	return fmt.Sprintf(fmt.Sprint(message[0]), message[1:]...)
}

// Server is a server with a folder and a port of its own, which ends with its test.
type Server struct {
	Dir  string // its folder, which it owns
	Port int    // of the loopback address

	tb      testing.TB
	name    string              // for messages
	account *syscall.Credential // most servers refuse to run as root
	log     process.Log
	running *process.Process
}

// New makes the folder of a server and finds its port. Where the test runs as root,
// the server runs as the first of accounts that exists, or else as nobody.
func New(tb testing.TB, name string, accounts ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, name: name}
	_, port, err := net.SplitHostPort(FreeAddr(tb))
	if err != nil {
		tb.Fatal(err)
	}
	s.Port, _ = strconv.Atoi(port)
	sweep.Do(func() { removeLeft(os.TempDir()) })
	// It is not tb.TempDir, whose parents only the user of the test may enter.
	if s.Dir, err = os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix, os.Getpid())); err != nil {
		tb.Fatalf("make the folder of %s: %v", name, err)
	}
	tb.Cleanup(func() { s.Kill(); _ = os.RemoveAll(s.Dir) })
	if os.Getuid() == 0 {
		s.account = unprivileged(tb, append(accounts, "nobody"))
	}
	s.own(s.Dir)
	return s
}

// unprivileged returns the first account that exists.
func unprivileged(tb testing.TB, names []string) *syscall.Credential {
	tb.Helper()
	for _, name := range names {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	tb.Fatalf("the test runs as root, and none of the accounts %q exists to run a server as", names)
	return nil
}

// own gives a folder to the account of the server.
func (s *Server) own(dir string) {
	s.tb.Helper()
	if s.account == nil {
		return
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, int(s.account.Uid), int(s.account.Gid))); err != nil {
		s.tb.Fatalf("give a folder to %s: %v", s.name, err)
	}
}

// Mkdir makes a folder in that of the server, which the server owns too.
func (s *Server) Mkdir(name string) {
	s.tb.Helper()
	dir := filepath.Join(s.Dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		s.tb.Fatalf("make a folder of %s: %v", s.name, err)
	}
	s.own(dir)
}

// Write writes a file in the folder of the server, and returns its path.
func (s *Server) Write(name, text string) string {
	s.tb.Helper()
	file := filepath.Join(s.Dir, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		s.tb.Fatalf("write a file of %s: %v", s.name, err)
	}
	return file
}

// Address is where the server listens, host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// Command returns a command that runs in the folder and as the account of the
// server.
func (s *Server) Command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = s.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.account}
	return cmd
}

// startTime is how long a server may take until it is ready.
const startTime = time.Minute

// Run starts the server and waits until ready returns no error.
func (s *Server) Run(cmd *exec.Cmd, ready func(context.Context) error) {
	s.tb.Helper()
	running, err := process.Start(cmd, &s.log)
	if err != nil {
		s.tb.Fatalf("start %s: %v", s.name, err)
	}
	s.running = running
	ctx, cancel := context.WithTimeout(s.tb.Context(), startTime)
	defer cancel()
	if err := running.WaitUntil(ctx, ready); err != nil {
		s.tb.Fatalf("start %s: %v", s.name, err)
	}
}

// Listens reports an error until the server accepts connections.
func (s *Server) Listens(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address())
	if err != nil {
		return err
	}
	return conn.Close()
}

// PID is the id of the server's process, or 0 if it does not run.
func (s *Server) PID() int {
	if s.running == nil {
		return 0
	}
	return s.running.PID()
}

// End sends a signal to the server, and kills it if it has not ended in time. What
// its exit code is does not matter.
func (s *Server) End(signal syscall.Signal, within time.Duration) {
	if s.running != nil {
		_ = s.running.Stop(signal, within)
		s.running = nil
	}
}

// Kill kills the server, as a crash of the machine would.
func (s *Server) Kill() {
	if s.running != nil {
		s.running.Kill()
		s.running = nil
	}
}

// LogTail returns the last n lines of what the server printed.
func (s *Server) LogTail(n int) string { return s.log.Tail(n) }
