package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Standby makes a copy of the server and starts it as a standby, which gets by
// streaming what is committed. It stops with the test.
func (s *Server) Standby() *Server {
	s.tb.Helper()
	standby := &Server{tb: s.tb}
	standby.dir = standby.folder()
	standby.port = freePort(s.tb)
	cmd := s.command("pg_basebackup", "-D", standby.data(), "-R", "-X", "stream", "-c", "fast", "-d",
		fmt.Sprintf("host=127.0.0.1 port=%d user=activity password=%s application_name=standby", s.port, Password))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	s.tb.Cleanup(func() { standby.Stop(); _ = os.RemoveAll(standby.dir) })
	standby.Start()
	return standby
}

// Promote makes a standby a primary.
func (s *Server) Promote() {
	s.tb.Helper()
	if out, err := s.command("pg_ctl", "-D", s.data(), "promote", "-w").CombinedOutput(); err != nil {
		s.tb.Fatalf("promote: %v\n%s", err, out)
	}
}

// Freeze stops all processes of the server without ending them: it accepts
// connections, and says nothing. It is killed with the test.
func (s *Server) Freeze() {
	s.tb.Helper()
	for _, pid := range s.PIDs() {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			s.tb.Fatalf("freeze: %v", err)
		}
	}
	s.tb.Cleanup(s.Kill)
}

// Address is host and port.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Pooler starts PgBouncer in transaction mode before the server, and returns the
// DSN of its database. Where PgBouncer is not installed the test is skipped.
func (s *Server) Pooler(tb testing.TB) string {
	tb.Helper()
	if _, err := binary("pgbouncer"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI=true and PgBouncer is not installed: %v", err)
		}
		tb.Skipf("SKIPPED, PgBouncer is not installed (apt-get install pgbouncer): %v", err)
	}
	port := freePort(tb)
	users, config := filepath.Join(s.dir, "users.txt"), filepath.Join(s.dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = md5
auth_file = %s
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`, s.port, port, users)
	for path, text := range map[string]string{users: fmt.Sprintf("%q %q\n", "activity", Password), config: text} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := s.command("pgbouncer", config)
	log := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start PgBouncer: %v", err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if tb.Failed() {
			tb.Logf("PgBouncer's log: %s", log)
		}
	})
	return strings.Replace(s.DSN(), s.Address(), fmt.Sprintf("127.0.0.1:%d", port), 1)
}
