// Package firebirdtest runs a private Firebird 3 for tests, from the programs
// that Debian installs. It listens on a free port of the loopback address, keeps
// its data and its accounts in a temporary folder, and is stopped by process id.
package firebirdtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Password is that of the server's administrator, "SYSDBA".
const Password = "p4ssw0rd-of-the-test"

const (
	messages = "/usr/lib/*/firebird/3.0/firebird.msg" // and the plugins, beside it
	accounts = "/usr/share/firebird/3.0/security.sql" // makes the database of accounts
)

// Server is a running Firebird.
type Server struct {
	tb   testing.TB
	dir  string
	port int
	cred *syscall.Credential // the server is not to run as root
	proc *exec.Cmd

	databases atomic.Int32
}

// Start starts a server, which stops with the test. Where Firebird is not
// installed the test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if err := installed(); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI=true and Firebird is not installed: %v", err)
		}
		tb.Skipf("SKIPPED, Firebird is not installed (apt-get install firebird3.0-server): %v", err)
	}
	s := &Server{tb: tb, port: freePort(tb)}
	s.folder()
	tb.Cleanup(func() { s.Stop(); _ = os.RemoveAll(s.dir) })
	s.configure()
	s.addAccounts()
	s.Start()
	return s
}

// Address is where the server listens, host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Database makes an empty database, and returns its DSN as the driver firebirdsql
// wants it.
func (s *Server) Database() string {
	s.tb.Helper()
	file := filepath.Join(s.dir, fmt.Sprintf("test%d.fdb", s.databases.Add(1)))
	s.isql("CREATE DATABASE '127.0.0.1/" + strconv.Itoa(s.port) + ":" + file + "' PASSWORD '" + Password + "' DEFAULT CHARACTER SET UTF8;\n")
	return fmt.Sprintf("SYSDBA:%s@%s%s?charset=UTF8", Password, s.Address(), file)
}

// Start starts the server again after a [Server.Kill], on the same data and
// port, and waits until it listens.
func (s *Server) Start() {
	s.tb.Helper()
	cmd := s.command("firebird")
	log, err := os.OpenFile(filepath.Join(s.dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.tb.Fatalf("open log of Firebird: %v", err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.tb.Fatalf("start Firebird: %v", err)
	}
	s.proc = cmd
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", s.Address()); err == nil {
			_ = conn.Close()
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "firebird.log"))
	s.tb.Fatalf("Firebird did not listen within 30 s; its log:\n%s", text)
}

// Stop stops the server, and waits until it has ended.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server as a crash does: nothing is flushed, and nobody is told.
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
	case <-time.After(3 * time.Second): // one that has only just started may miss the signal
		_ = s.proc.Process.Kill()
		<-exited
	}
	s.proc = nil
}

// configure makes the folder what the environment variable FIREBIRD points to.
func (s *Server) configure() {
	s.tb.Helper()
	found, _ := filepath.Glob(messages)
	programs := filepath.Dir(found[0])
	var errs []error
	for _, part := range []string{"plugins", "intl", "firebird.msg", "plugins.conf"} {
		errs = append(errs, os.Symlink(filepath.Join(programs, part), filepath.Join(s.dir, part)))
	}
	config := fmt.Sprintf("RemoteServicePort = %d\nRemoteBindAddress = 127.0.0.1\nIpcName = test%[1]d\n"+
		"SecurityDatabase = %[2]s/security.fdb\nDatabaseAccess = Restrict %[2]s\nTempDirectories = %[2]s\n", s.port, s.dir)
	errs = append(errs,
		os.WriteFile(filepath.Join(s.dir, "firebird.conf"), []byte(config), 0o644),
		os.WriteFile(filepath.Join(s.dir, "databases.conf"), nil, 0o644))
	if err := errors.Join(errs...); err != nil {
		s.tb.Fatalf("configure Firebird: %v", err)
	}
}

// addAccounts makes the database of accounts, with one; it needs no server.
func (s *Server) addAccounts() {
	s.tb.Helper()
	file := filepath.Join(s.dir, "security.fdb")
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

// folder makes the temporary folder. It is not tb.TempDir, whose parents only
// the user of the test may enter.
func (s *Server) folder() {
	s.tb.Helper()
	dir, err := os.MkdirTemp("", "firebirdtest")
	if err != nil {
		s.tb.Fatalf("make folder: %v", err)
	}
	s.dir = dir
	if os.Getuid() != 0 {
		return
	}
	s.cred = unprivileged(s.tb)
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, int(s.cred.Uid), int(s.cred.Gid))); err != nil {
		s.tb.Fatalf("hand folder over: %v", err)
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	path, err := binary(name)
	if err != nil {
		s.tb.Fatalf("find %s: %v", name, err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "FIREBIRD="+s.dir, "FIREBIRD_LOCK="+s.dir, "FIREBIRD_TMP="+s.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	return cmd
}

// unprivileged is whom the server runs as when the test runs as root.
func unprivileged(tb testing.TB) *syscall.Credential {
	tb.Helper()
	for _, name := range []string{"firebird", "nobody"} {
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
	tb.Fatal("there is neither a user firebird nor nobody to run the server as")
	return nil
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

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("find a free port: %v", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
