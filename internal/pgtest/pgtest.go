// Package pgtest runs a private PostgreSQL for tests, from the binaries that
// Debian installs. It listens on a free port of the loopback address, keeps its
// data in a temporary folder, and is stopped by process id.
package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Password is that of the server's only role, "activity". It stands in
// [Server.DSN], for tests that look for it where it must not be.
const Password = "p4ssw0rd-of-the-test"

// Server is a running PostgreSQL.
type Server struct {
	tb   testing.TB
	dir  string
	port int
	cred *syscall.Credential // the server refuses to run as root
	proc *exec.Cmd
}

// Start makes a database cluster and starts a server on it, which stops with
// the test. Where PostgreSQL is not installed the test is skipped, or fails if
// the environment has CI=true.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if _, err := binary("initdb"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI=true and PostgreSQL is not installed: %v", err)
		}
		tb.Skipf("SKIPPED, PostgreSQL is not installed (apt-get install postgresql): %v", err)
	}
	s := &Server{tb: tb}
	s.dir = s.folder()
	s.initialise()
	s.port = freePort(tb)
	tb.Cleanup(func() { s.Stop(); _ = os.RemoveAll(s.dir) })
	s.Start()
	return s
}

// DSN is the connection string of the server's database.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://activity:%s@127.0.0.1:%d/postgres?sslmode=disable", Password, s.port)
}

// Start starts the server again after a [Server.Stop], on the same data and
// port, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	cmd := s.command("postgres", "-D", s.data(), "-k", s.dir, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port),
		"-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=warning")
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatalf("open log of PostgreSQL: %v", err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.tb.Fatalf("start PostgreSQL: %v", err)
	}
	s.proc = cmd
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)).Run() == nil {
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.tb.Fatalf("PostgreSQL did not answer within 30 s; its log:\n%s", text)
}

// Stop stops the server at once: open connections are cut, and what was
// committed stays.
func (s *Server) Stop() {
	if s.proc == nil {
		return
	}
	_ = s.proc.Process.Signal(syscall.SIGINT) // PostgreSQL's "fast shutdown"
	exited := make(chan struct{})
	go func() { _ = s.proc.Wait(); close(exited) }()
	select {
	case <-exited:
	case <-time.After(20 * time.Second):
		_ = s.proc.Process.Kill()
		<-exited
	}
	s.proc = nil
}

// PIDs are the ids of all processes of the server that runs, its main process
// first.
func (s *Server) PIDs() []int {
	if s.proc == nil {
		return nil
	}
	return append([]int{s.proc.Process.Pid}, childrenOf(s.proc.Process.Pid)...)
}

// Kill kills all processes of the server with SIGKILL, as a crash of the machine
// would: nothing is flushed, and nobody is told.
func (s *Server) Kill() {
	if s.proc == nil {
		return
	}
	main := s.proc.Process.Pid
	_ = s.proc.Process.Signal(syscall.SIGSTOP) // it starts no more of them
	children := childrenOf(main)
	_ = s.proc.Process.Kill()
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = s.proc.Wait()
	for _, pid := range children { // which hold the shared memory until they are gone
		for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	s.proc = nil
}

// childrenOf are the processes that a process has started, by Linux's /proc.
func childrenOf(pid int) (children []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	for _, field := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			children = append(children, child)
		}
	}
	return children
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) initialise() {
	s.tb.Helper()
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(Password), 0o644); err != nil {
		s.tb.Fatalf("write password file: %v", err)
	}
	cmd := s.command("initdb", "-D", s.data(), "-U", "activity", "--pwfile="+secret,
		"--auth=scram-sha-256", "-E", "UTF8", "--locale=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("initdb: %v\n%s", err, out)
	}
}

// folder makes the temporary folder. It is not tb.TempDir, whose parents only
// the user of the test may enter.
func (s *Server) folder() string {
	s.tb.Helper()
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		s.tb.Fatalf("make folder: %v", err)
	}
	if os.Getuid() != 0 {
		return dir
	}
	s.cred = unprivileged(s.tb)
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, int(s.cred.Uid), int(s.cred.Gid))); err != nil {
		s.tb.Fatalf("hand folder over: %v", err)
	}
	return dir
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	path, err := binary(name)
	if err != nil {
		s.tb.Fatalf("find %s: %v", name, err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	return cmd
}

// unprivileged is whom the server runs as when the test runs as root.
func unprivileged(tb testing.TB) *syscall.Credential {
	tb.Helper()
	for _, name := range []string{"postgres", "nobody"} {
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
	tb.Fatal("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
	return nil
}

// binary finds a program of PostgreSQL: the newest of Debian's, else in PATH.
func binary(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	return exec.LookPath(name)
}

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("find a free port: %v", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
