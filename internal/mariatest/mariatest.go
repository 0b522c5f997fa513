// Package mariatest runs a private MariaDB for tests, from the programs that
// Debian installs. It listens on a free port of the loopback address, keeps its
// data in a temporary folder, and is stopped by process id.
package mariatest

import (
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
)

// Password is that of the server's account "activity". It stands in
// [Server.DSN], for tests that look for it where it must not be.
const Password = "p4ssw0rd-of-the-test"

// Server is a running MariaDB.
type Server struct {
	tb    testing.TB
	dir   string
	port  int
	flags []string
	cred  *syscall.Credential // the server refuses to run as root
	proc  *exec.Cmd
}

// Start makes a data folder and starts a server on it, with flags after our own
// ("--local-infile=0"), which stops with the test. Where MariaDB is not installed
// the test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB, flags ...string) *Server {
	tb.Helper()
	if _, err := binary("mariadb-install-db"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI=true and MariaDB is not installed: %v", err)
		}
		tb.Skipf("SKIPPED, MariaDB is not installed (apt-get install mariadb-server): %v", err)
	}
	s := &Server{tb: tb, flags: flags}
	s.dir = s.folder()
	tb.Cleanup(func() { s.Stop(); _ = os.RemoveAll(s.dir) })
	s.initialise()
	s.port = freePort(tb)
	s.Start()
	return s
}

// Address is where the server listens: "127.0.0.1:12345".
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// DSN is the data source name, for github.com/go-sql-driver/mysql, of the empty
// database "activity" and an account that may do anything.
func (s *Server) DSN() string {
	return fmt.Sprintf("activity:%s@tcp(%s)/activity", Password, s.Address())
}

// Start starts the server again after a [Server.Stop] or [Server.Kill], on the
// same data and port, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	cmd := s.command("mariadbd", append([]string{
		"--no-defaults", "--datadir=" + s.data(), "--tmpdir=" + s.dir, "--init-file=" + s.accounts(),
		"--socket=" + filepath.Join(s.dir, "socket"), "--pid-file=" + filepath.Join(s.dir, "pid"),
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--skip-name-resolve",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=512M"}, s.flags...)...)
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatalf("open log of MariaDB: %v", err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.tb.Fatalf("start MariaDB: %v", err)
	}
	s.proc = cmd
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if s.greets() {
			return
		}
	}
	text, _ := os.ReadFile(s.log())
	s.tb.Fatalf("MariaDB did not answer within 30 s; its log:\n%s", text)
}

// greets says whether the server greets who connects, which it does when it is
// ready.
func (s *Server) greets() bool {
	conn, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	n, _ := conn.Read(make([]byte, 1))
	return n == 1
}

// Stop stops the server: what was committed stays.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill kills the server with SIGKILL, as a crash of the machine would: nothing
// is flushed, and nobody is told.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(signal syscall.Signal) {
	if s.proc == nil {
		return
	}
	_ = s.proc.Process.Signal(signal)
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

func (s *Server) data() string     { return filepath.Join(s.dir, "data") }
func (s *Server) log() string      { return filepath.Join(s.dir, "log") }
func (s *Server) accounts() string { return filepath.Join(s.dir, "accounts.sql") }

func (s *Server) initialise() {
	s.tb.Helper()
	// One statement a line, as --init-file wants them.
	sql := "CREATE DATABASE IF NOT EXISTS activity;\n" +
		"CREATE USER IF NOT EXISTS activity@'127.0.0.1' IDENTIFIED BY '" + Password + "';\n" +
		"GRANT ALL ON *.* TO activity@'127.0.0.1' WITH GRANT OPTION;\n"
	if err := os.WriteFile(s.accounts(), []byte(sql), 0o644); err != nil {
		s.tb.Fatalf("write file of accounts: %v", err)
	}
	cmd := s.command("mariadb-install-db", "--no-defaults", "--datadir="+s.data(), "--tmpdir="+s.dir,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
}

// folder makes the temporary folder. It is not tb.TempDir, whose parents only
// the user of the test may enter.
func (s *Server) folder() string {
	s.tb.Helper()
	dir, err := os.MkdirTemp("", "mariatest")
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
	s.tb.Helper()
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
	for _, name := range []string{"mysql", "nobody"} {
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
	tb.Fatal("MariaDB does not run as root, and there is neither a user mysql nor nobody")
	return nil
}

// binary finds a program of MariaDB: in PATH, or where Debian keeps what only an
// administrator starts.
func binary(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return exec.LookPath("/usr/sbin/" + name)
	}
	return path, nil
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
