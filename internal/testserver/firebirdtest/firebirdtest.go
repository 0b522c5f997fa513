// Package firebirdtest runs a private Firebird 3 for tests, from the programs
// that Debian installs. It listens on a free port of the loopback address, keeps
// its data and its accounts in a temporary folder, and is stopped by process id.
package firebirdtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Password is that of the server's administrator, "SYSDBA".
const Password = "p4ssw0rd-of-the-test"

const (
	messages = "/usr/lib/*/firebird/3.0/firebird.msg" // and the plugins, beside it
	accounts = "/usr/share/firebird/3.0/security.sql" // makes the database of accounts
)

// Server is a running Firebird.
type Server struct {
	*testserver.Server
	tb        testing.TB
	databases atomic.Int32
}

// Start starts a server, which stops with the test. Where Firebird is not
// installed the test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if err := installed(); err != nil {
		testserver.Missing(tb, "Firebird is not installed (apt-get install firebird3.0-server): %v", err)
	}
	s := &Server{Server: testserver.New(tb, "Firebird", "firebird"), tb: tb}
	tb.Cleanup(s.Stop)
	s.configure()
	s.addAccounts()
	s.Start()
	return s
}

// Database makes an empty database, and returns its DSN as the driver firebirdsql
// wants it.
func (s *Server) Database() string {
	s.tb.Helper()
	file := filepath.Join(s.Dir, fmt.Sprintf("test%d.fdb", s.databases.Add(1)))
	s.isql("CREATE DATABASE '127.0.0.1/" + strconv.Itoa(s.Port) + ":" + file + "' PASSWORD '" + Password + "' DEFAULT CHARACTER SET UTF8;\n")
	return fmt.Sprintf("SYSDBA:%s@%s%s?charset=UTF8", Password, s.Address(), file)
}

// Start starts the server again after a [Server.Kill], on the same data and
// port, and waits until it listens.
func (s *Server) Start() {
	s.tb.Helper()
	s.Run(s.command("firebird"), s.Listens)
}

// Stop stops the server, and waits until it has ended. One that has only just
// started may miss the signal.
func (s *Server) Stop() { s.End(syscall.SIGTERM, 3*time.Second) }

// configure makes the folder what the environment variable FIREBIRD points to.
func (s *Server) configure() {
	s.tb.Helper()
	found, _ := filepath.Glob(messages)
	programs := filepath.Dir(found[0])
	var errs []error
	for _, part := range []string{"plugins", "intl", "firebird.msg", "plugins.conf"} {
		errs = append(errs, os.Symlink(filepath.Join(programs, part), filepath.Join(s.Dir, part)))
	}
	config := fmt.Sprintf("RemoteServicePort = %d\nRemoteBindAddress = 127.0.0.1\nIpcName = test%[1]d\n"+
		"SecurityDatabase = %[2]s/security.fdb\nDatabaseAccess = Restrict %[2]s\nTempDirectories = %[2]s\n", s.Port, s.Dir)
	s.Write("firebird.conf", config)
	s.Write("databases.conf", "")
	if err := errors.Join(errs...); err != nil {
		s.tb.Fatalf("configure Firebird: %v", err)
	}
}

// addAccounts makes the database of accounts, with one; it needs no server.
func (s *Server) addAccounts() {
	s.tb.Helper()
	file := filepath.Join(s.Dir, "security.fdb")
	s.isql(fmt.Sprintf("CREATE DATABASE '%s';\nINPUT %s;\nCOMMIT;\nCREATE OR ALTER USER SYSDBA PASSWORD '%s';\nCOMMIT;\n",
		file, accounts, Password))
}

func (s *Server) isql(statements string) {
	s.tb.Helper()
	cmd := s.command("isql-fb", "-quiet", "-bail", "-user", "SYSDBA")
	cmd.Stdin = strings.NewReader(statements)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("isql-fb: %v\n%s", err, out)
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	path, err := binary(name)
	if err != nil {
		s.tb.Fatalf("find %s: %v", name, err)
	}
	cmd := s.Command(path, args...)
	cmd.Env = append(os.Environ(), "FIREBIRD="+s.Dir, "FIREBIRD_LOCK="+s.Dir, "FIREBIRD_TMP="+s.Dir)
	return cmd
}

func installed() error {
	_, server := binary("firebird")
	_, tool := binary("isql-fb")
	_, script := os.Stat(accounts)
	if found, _ := filepath.Glob(messages); len(found) == 0 {
		script = errors.Join(script, fmt.Errorf("no file %s", messages))
	}
	return errors.Join(server, tool, script)
}

// binary finds a program, also where only root's PATH leads.
func binary(name string) (string, error) {
	if path := filepath.Join("/usr/sbin", name); name == "firebird" {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}
