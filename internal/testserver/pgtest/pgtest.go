// Package pgtest runs a private PostgreSQL for tests, from the binaries that
// Debian installs, or those of the folder that ACTIVITYLOG_PG_BIN names. It listens
// on a free port of the loopback address, keeps its data in a temporary folder, and
// is stopped by process id.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Password is that of the server's only role, "activity". It is part of
// [Server.DSN], for tests that look for it where it must not be.
const Password = "p4ssw0rd-of-the-test"

// Server is a running PostgreSQL.
type Server struct {
	*testserver.Server
	tb    testing.TB
	flags []string
}

// Start makes a database cluster and starts a server on it, with flags after our own
// ("-c", "wal_log_hints=on"), which stops with the test. Where PostgreSQL is not installed the test is skipped, or fails if
// the environment has CI=true.
func Start(tb testing.TB, flags ...string) *Server {
	tb.Helper()
	if _, err := binary("initdb"); err != nil {
		testserver.Missing(tb, "PostgreSQL is not installed (apt-get install postgresql): %v", err)
	}
	s := newServer(tb, flags)
	s.initialise()
	s.Start()
	return s
}

func newServer(tb testing.TB, flags []string) *Server {
	tb.Helper()
	s := &Server{Server: testserver.New(tb, "PostgreSQL", "postgres"), tb: tb, flags: flags}
	tb.Cleanup(s.Stop)
	return s
}

// DSN is the connection string of the server's database.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://activity:%s@%s/postgres?sslmode=disable", Password, s.Address())
}

// Start starts the server again after a [Server.Stop], on the same data and
// port, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	port := strconv.Itoa(s.Port)
	s.Run(s.command("postgres", append([]string{"-D", s.data(), "-k", s.Dir, "-h", "127.0.0.1", "-p", port,
		"-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB", "-c", "log_min_messages=warning"}, s.flags...)...),
		func(context.Context) error { return s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", port).Run() })
}

// Stop stops the server at once: open connections are cut, and what was
// committed stays.
func (s *Server) Stop() { s.End(syscall.SIGINT, 20*time.Second) } // PostgreSQL's "fast shutdown"

// PIDs are the ids of all processes of the server that runs, its main process
// first.
func (s *Server) PIDs() []int {
	if s.PID() == 0 {
		return nil
	}
	return append([]int{s.PID()}, childrenOf(s.PID())...)
}

// Kill kills all processes of the server with SIGKILL, as a crash of the machine
// would: nothing is flushed, and no client is informed.
func (s *Server) Kill() {
	pids := s.PIDs()
	if pids == nil {
		return
	}
	_ = syscall.Kill(pids[0], syscall.SIGSTOP) // it starts no more of them
	children := childrenOf(pids[0])
	_ = syscall.Kill(pids[0], syscall.SIGKILL)
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.Server.Kill()
	for _, pid := range children { // which hold the shared memory until they are gone
		for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
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

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

func (s *Server) initialise() {
	s.tb.Helper()
	cmd := s.command("initdb", "-D", s.data(), "-U", "activity", "--pwfile="+s.Write("password", Password),
		"--auth=scram-sha-256", "-E", "UTF8", "--locale=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("initdb: %v\n%s", err, out)
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	path, err := binary(name)
	if err != nil {
		s.tb.Fatalf("find %s: %v", name, err)
	}
	return s.Command(path, args...)
}
