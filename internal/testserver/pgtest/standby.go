package pgtest

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Standby makes a copy of the server and starts it as a standby, which gets by
// streaming what is committed. It stops with the test.
func (s *Server) Standby() *Server {
	s.tb.Helper()
	standby := newServer(s.tb)
	cmd := s.command("pg_basebackup", "-D", standby.data(), "-R", "-X", "stream", "-c", "fast", "-d",
		fmt.Sprintf("host=127.0.0.1 port=%d user=activity password=%s application_name=standby", s.Port, Password))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
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

// Pooler starts PgBouncer in transaction mode before the server, and returns the
// DSN of its database. Where PgBouncer is not installed the test is skipped.
func (s *Server) Pooler(tb testing.TB) string {
	tb.Helper()
	if _, err := binary("pgbouncer"); err != nil {
		testserver.Missing(tb, "PgBouncer is not installed (apt-get install pgbouncer): %v", err)
	}
	pooler := testserver.New(tb, "PgBouncer", "postgres")
	users := pooler.Write("users.txt", fmt.Sprintf("%q %q\n", "activity", Password))
	config := pooler.Write("pgbouncer.ini", fmt.Sprintf(`[databases]
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
`, s.Port, pooler.Port, users))
	path, _ := binary("pgbouncer")
	pooler.Run(pooler.Command(path, config), pooler.Listens)
	return strings.Replace(s.DSN(), s.Address(), pooler.Address(), 1)
}
