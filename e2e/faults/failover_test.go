package faults_test

import (
	"database/sql"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/relaytest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// setting is an argument that sets a key of the exporter.
func setting(key, value string) string {
	return fmt.Sprintf("--config=yaml:exporters::activitylog::%s: %s", key, value)
}

// TestPostgresFailover has both hosts in the DSN. The primary dies, or is frozen,
// and the standby is promoted. Commits wait for the standby, so it has them all.
func TestPostgresFailover(t *testing.T) {
	for name, fail := range map[string]func(*pgtest.Server){"killed": (*pgtest.Server).Kill, "frozen": (*pgtest.Server).Freeze} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, "PostgreSQL's primary "+name+" under load, its standby promoted")
			primary := pgtest.Start(t)
			standby := primary.Standby()
			execute(t, load.Open(t, "pgx", primary.DSN()), "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
			both := strings.Replace(primary.DSN(), primary.Address(), primary.Address()+","+standby.Address(), 1) + "&target_session_attrs=read-write"
			c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: both})
			l := load.Start(c)
			time.Sleep(2 * time.Second)
			fail(primary)
			time.Sleep(time.Second)
			standby.Promote()
			o.Over()
			time.Sleep(time.Second)
			l.Stop()
			o.Count(l.Expect(t, load.Open(t, "pgx", standby.DSN())))
		})
	}
}

// TestPostgresSessions has sessions that are read-only, or may work for 1 ms only,
// since the role said so when they began. Sessions that begin later are as before.
func TestPostgresSessions(t *testing.T) {
	for name, c := range map[string]struct{ set, reset string }{
		"read-only":             {"SET default_transaction_read_only = on", "RESET default_transaction_read_only"},
		"old statement_timeout": {"SET statement_timeout = '1ms'", "RESET statement_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, "all pooled sessions of PostgreSQL have a setting from before: "+name)
			server := pgtest.Start(t)
			db := load.Open(t, "pgx", server.DSN()+"&default_transaction_read_only=off&statement_timeout=0")
			col := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
			l := load.Start(col)
			time.Sleep(time.Second)
			execute(t, db, "ALTER ROLE activity "+c.set, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'activity' AND pid <> pg_backend_pid()")
			time.Sleep(3 * time.Second)
			before := number(t, db, "SELECT count(*) FROM activity_log")
			time.Sleep(time.Second)
			if now := number(t, db, "SELECT count(*) FROM activity_log"); now != before {
				t.Errorf("%d rows came while no session could write, so that nothing is tested here", now-before)
			}
			execute(t, db, "ALTER ROLE activity "+c.reset)
			o.Over()
			time.Sleep(time.Second)
			l.Stop()
			o.Count(l.Expect(t, db))
		})
	}
}

// TestStatementTimeout has a limit of the server that is too short for a batch,
// and stays: each row takes 2 ms, so that a batch takes 4 s, and 0.5 s are allowed.
func TestStatementTimeout(t *testing.T) {
	o := fault(t, inDatabase, "statement_timeout of 0.5 s, and batches that take 4 s")
	server := pgtest.Start(t)
	db := load.Open(t, "pgx", server.DSN())
	first := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	eventually(t, db, "SELECT count(*) FROM pg_tables WHERE tablename = 'activity_log'", 1, 20*time.Second)
	first.Stop()
	execute(t, db, `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.002); RETURN new; END'`,
		`CREATE TRIGGER slow BEFORE INSERT ON activity_log FOR EACH ROW EXECUTE FUNCTION slow()`)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN() + "&statement_timeout=500"})
	o.Over()
	mustPost(t, c, "logs", load.LogsRequest(0, 2000))
	o.Count(expectRange(t, "pgx", server.DSN(), 0, 2000))
}

// TestSlowLine has a line of 100 kB/s to the database, on which no whole batch gets
// through within the timeout.
func TestSlowLine(t *testing.T) {
	o := fault(t, inDatabase, "a line of 100 kB/s to PostgreSQL, and a timeout of 3 s for what takes 10 s")
	server := pgtest.Start(t)
	address := relaytest.Start(t, server.Address, func(client net.Conn) net.Conn { return &slowConn{Conn: client} })
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: strings.Replace(server.DSN(), server.Address(), address, 1),
		Args: []string{setting("timeout", "3s")}})
	o.Over()
	mustPost(t, c, "logs", load.LogsRequest(0, 5000))
	o.Count(expectRange(t, "pgx", server.DSN(), 0, 5000))
	if !strings.Contains(c.Log(), "deadline") && !strings.Contains(c.Log(), "timeout") {
		t.Error("the log does not say that a batch took too long, so that nothing is tested here")
	}
}

// slowConn is read at 100 kB/s.
type slowConn struct{ net.Conn }

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), 4096)])
	time.Sleep(time.Duration(n) * 10 * time.Microsecond)
	return n, err
}

// TestPgBouncer has a pooler in transaction mode, for which each transaction is of
// another session, and a table with partitions, whose making takes a lock.
func TestPgBouncer(t *testing.T) {
	o := fault(t, inDatabase, "PgBouncer in transaction mode, PostgreSQL away for 2 s behind it, partitions by day")
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.Pooler(t).DSN(), Args: []string{setting("partition", "day")}})
	l := load.Start(c)
	time.Sleep(2 * time.Second)
	server.Stop()
	time.Sleep(2 * time.Second)
	server.Start()
	o.Over()
	c.Kill()
	c.Restart()
	time.Sleep(time.Second)
	l.Stop()
	db := load.Open(t, "pgx", server.DSN())
	o.Count(l.Expect(t, db))
	if n := number(t, db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"); n != 0 {
		t.Errorf("%d advisory locks are left", n)
	}
	if n := number(t, db, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'activity_log'::regclass"); n < 8 {
		t.Errorf("%d partitions, want those of eight days", n)
	}
}
