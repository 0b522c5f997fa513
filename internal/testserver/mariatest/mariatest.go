// Package mariatest runs a private MariaDB for tests, from the programs that
// Debian installs. It listens on a free port of the loopback address, keeps its
// data in a temporary folder, and is stopped by process id.
package mariatest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Password is that of the server's account "activity". It is part of
// [Server.DSN], for tests that look for it where it must not be.
const Password = "p4ssw0rd-of-the-test"

// Server is a running MariaDB.
type Server struct {
	*testserver.Server
	tb    testing.TB
	flags []string
}

// Start makes a data folder and starts a server on it, with flags after our own
// ("--local-infile=0"), which stops with the test. Where MariaDB is not installed
// the test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB, flags ...string) *Server {
	tb.Helper()
	if _, err := binary("mariadb-install-db"); err != nil {
		testserver.Missing(tb, "MariaDB is not installed (apt-get install mariadb-server): %v", err)
	}
	s := &Server{Server: testserver.New(tb, "MariaDB", "mysql"), tb: tb, flags: flags}
	tb.Cleanup(s.Stop)
	s.initialise()
	s.Start()
	return s
}

// DSN is the data source name, for github.com/go-sql-driver/mysql, of the empty
// database "activity" and an account that may do anything.
func (s *Server) DSN() string {
	return fmt.Sprintf("activity:%s@tcp(%s)/activity", Password, s.Address())
}

// Start starts the server again after a [Server.Stop] or [Server.Kill], on the
// same data and port, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	s.Run(s.server("--init-file="+s.accounts()), s.greets)
}

// server is the command that starts the server with flags after those of [Start].
func (s *Server) server(flags ...string) *exec.Cmd {
	s.tb.Helper()
	all := []string{
		"--no-defaults", "--datadir=" + s.data(), "--tmpdir=" + s.Dir,
		"--socket=" + s.socket(), "--pid-file=" + filepath.Join(s.Dir, "pid"),
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.Port), "--skip-name-resolve",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=512M"}
	return s.command("mariadbd", slices.Concat(all, s.flags, flags)...)
}

// Query runs a statement as the administrator, and returns what it answers, without
// the names of the columns.
func (s *Server) Query(statement string) (string, error) {
	s.tb.Helper()
	out, err := s.command("mariadb", "--no-defaults", "--socket="+s.socket(), "--user=root", "-BN", "-e", statement).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Execute runs a statement as the administrator.
func (s *Server) Execute(statement string) {
	s.tb.Helper()
	if out, err := s.Query(statement); err != nil {
		s.tb.Fatalf("%s: %v\n%s", statement, err, out)
	}
}

// greets reports an error until the server sends a greeting to a new connection,
// which it does when it is ready.
func (s *Server) greets(context.Context) error {
	conn, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, err = conn.Read(make([]byte, 1))
	return err
}

// Stop stops the server: what was committed stays.
func (s *Server) Stop() { s.End(syscall.SIGTERM, 20*time.Second) }

func (s *Server) data() string     { return filepath.Join(s.Dir, "data") }
func (s *Server) socket() string   { return filepath.Join(s.Dir, "socket") }
func (s *Server) accounts() string { return filepath.Join(s.Dir, accounts) }

const accounts = "accounts.sql"

func (s *Server) initialise() {
	s.tb.Helper()
	// One statement per line, as --init-file wants them.
	sql := "CREATE DATABASE IF NOT EXISTS activity;\n" +
		"CREATE USER IF NOT EXISTS activity@'127.0.0.1' IDENTIFIED BY '" + Password + "';\n" +
		"GRANT ALL ON *.* TO activity@'127.0.0.1' WITH GRANT OPTION;\n"
	s.Write(accounts, sql)
	cmd := s.command("mariadb-install-db", "--no-defaults", "--datadir="+s.data(), "--tmpdir="+s.Dir,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	s.tb.Helper()
	path, err := binary(name)
	if err != nil {
		s.tb.Fatalf("find %s: %v", name, err)
	}
	return s.Command(path, args...)
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
