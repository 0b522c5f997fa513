package pgtest

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Pooler is a PgBouncer in transaction mode before a server: each transaction may be
// of another session.
type Pooler struct {
	*testserver.Server
	dsn, path, config string
}

// Pooler starts PgBouncer before the server. Where it is not installed the test is
// skipped.
func (s *Server) Pooler(tb testing.TB) *Pooler {
	tb.Helper()
	path, err := binary("pgbouncer")
	if err != nil {
		testserver.Missing(tb, "PgBouncer is not installed (apt-get install pgbouncer): %v", err)
	}
	p := &Pooler{Server: testserver.New(tb, "PgBouncer", "postgres"), path: path}
	p.dsn = strings.Replace(s.DSN(), s.Address(), p.Address(), 1)
	users := p.Write("users.txt", fmt.Sprintf("%q %q\n", "activity", Password))
	p.config = p.Write("pgbouncer.ini", fmt.Sprintf(`[databases]
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
server_login_retry = 1
`, s.Port, p.Port, users))
	p.Start()
	return p
}

// DSN is that of the server's database, through the pooler.
func (p *Pooler) DSN() string { return p.dsn }

// Start starts the pooler again after Stop or Kill.
func (p *Pooler) Start() { p.Run(p.Command(p.path, p.config), p.Listens) }

// Stop ends the pooler at once: all connections are cut.
func (p *Pooler) Stop() { p.End(syscall.SIGTERM, 10*time.Second) }
