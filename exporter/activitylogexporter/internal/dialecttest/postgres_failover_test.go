package dialecttest_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func openPostgres(t *testing.T, dsn string, timeout time.Duration) *store.Store {
	t.Helper()
	return openStore(t, dialect.Postgres{}, dsn, timeout, nil)
}

// openStore opens a store; moved, if it is not nil, is called when it writes to another
// server.
func openStore(t *testing.T, d dialect.Dialect, dsn string, timeout time.Duration, moved func(from, to string)) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{Dialect: d, DSN: dsn, Table: "activity_log", CreateSchema: true,
		Timeout: timeout, MaxIdleConns: 4, Moved: moved, Recently: time.Minute}, &observed{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// until writes rows again and again, as the queue does, and returns how long it took.
func until(t *testing.T, s *store.Store, limit time.Duration, rows []row.Row) time.Duration {
	t.Helper()
	var err error
	start := time.Now()
	for time.Since(start) < limit {
		if err = s.Write(t.Context(), slices.Clone(rows)); err == nil {
			return time.Since(start)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("write for %v: %v", limit, err)
	return 0
}

// A primary that is killed, and one that is frozen: with both hosts in the dsn
// rows go to the standby once it is promoted, and none is lost, since commits wait for it.
func TestPostgresFailover(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*pgtest.Server){"killed": (*pgtest.Server).Kill, "frozen": (*pgtest.Server).Freeze} {
		t.Run(name, func(t *testing.T) {
			primary := pgtest.Start(t)
			standby := primary.Standby()
			execute(t, primary.DSN(), "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
			both := strings.Replace(primary.DSN(), primary.Address(), primary.Address()+","+standby.Address(), 1) + "&target_session_attrs=read-write"
			var moves []string
			s := openStore(t, dialect.Postgres{}, both, 12*time.Second, // more than connect_timeout of each host
				func(from, to string) { moves = append(moves, from+" to "+to) })
			rows := dialecttest.Rows(4000)
			until(t, s, 30*time.Second, rows[:2000])
			if got := identify(t, dialect.Postgres{}, standby.DSN()); got != "" {
				t.Errorf("the standby is %q, want nothing", got)
			}
			fail(primary)
			if err := s.Write(t.Context(), slices.Clone(rows[2000:3000])); err == nil {
				t.Error("a write without a primary: no error")
			}
			standby.Promote()
			took := until(t, s, 40*time.Second, rows[2000:3000])
			until(t, s, 20*time.Second, rows[3000:])
			if want := []string{primary.Address() + ", timeline 00000001 to " + standby.Address() + ", timeline 00000002"}; !slices.Equal(moves, want) {
				t.Errorf("the server changed: got %q, want %q", moves, want)
			}
			if n := count(t, standby.DSN(), "activity_log"); n != 4000 {
				t.Errorf("%d rows on the new primary, want 4000", n)
			}
			t.Logf("rows again %v after the promotion", took.Round(time.Millisecond))
		})
	}
}

// MariaDB's servers have names, as those of PostgreSQL.
func TestIdentifyMySQL(t *testing.T) {
	t.Parallel()
	server := mariatest.Start(t, "--server-id=17")
	if got, want := identify(t, dialect.MySQL{}, server.DSN()), fmt.Sprintf(":%d, server_id 17", server.Port); !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q at the end", got, want)
	}
	server.Execute("SET GLOBAL read_only = 1")
	if got := identify(t, dialect.MySQL{}, server.DSN()); got != "" {
		t.Errorf("a server that is read-only is %q, want nothing", got)
	}
}

// identify returns the name of a server.
func identify(t *testing.T, d interface {
	dialect.Dialect
	dialect.Identifier
}, dsn string) (name string) {
	t.Helper()
	db, err := sql.Open(d.Driver(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), d.Identify()).Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// A pooled connection with a setting that has changed since is not used for ever.
func TestPostgresStaleConnections(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for name, c := range map[string]struct{ set, reset string }{
		"read-only":      {"SET default_transaction_read_only = on", "RESET default_transaction_read_only"},
		"statement time": {"SET statement_timeout = '1ms'", "RESET statement_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openPostgres(t, server.DSN(), 10*time.Second)
			rows := dialecttest.Rows(3000)
			until(t, s, 20*time.Second, rows[:10])
			execute(t, server.DSN(), "ALTER ROLE activity "+c.set, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'activity' AND pid <> pg_backend_pid()")
			failed := 0
			for range 5 {
				if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
					failed++
				}
			}
			if failed == 0 {
				t.Error("no write failed, so that nothing is tested here")
			}
			execute(t, server.DSN()+"&default_transaction_read_only=off&statement_timeout=0", "ALTER ROLE activity "+c.reset)
			if took := until(t, s, 10*time.Second, rows); took > 5*time.Second {
				t.Errorf("rows again after %v", took)
			}
		})
	}
}

// A limit of the server that is too short for a batch, and stays.
func TestPostgresStatementTimeout(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	openAndPrepare := openPostgres(t, server.DSN(), 10*time.Second)
	until(t, openAndPrepare, 20*time.Second, dialecttest.Rows(1))
	// Each row takes 2 ms, so that a batch takes 2 s, and half a second is allowed.
	execute(t, server.DSN(), `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.002); RETURN new; END'`,
		`CREATE TRIGGER slow BEFORE INSERT ON activity_log FOR EACH ROW EXECUTE FUNCTION slow()`)
	s := openPostgres(t, server.DSN()+"&statement_timeout=500", 30*time.Second)
	until(t, s, 60*time.Second, dialecttest.Rows(1000))
}

// Rules that a pooler in transaction mode could break: one session is many.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	pooled := server.Pooler(t).DSN()
	h := postgresHarness(server)
	direct := h.New
	h.New = func(t *testing.T) string {
		dsn := direct(t)
		_, database, _ := strings.Cut(strings.TrimPrefix(dsn, "postgres://"), "/")
		return strings.Replace(pooled, "/postgres?sslmode=disable", "/"+database, 1)
	}
	h.Through, h.Restart, h.InsertOnly = nil, nil, nil
	rules := []string{
		"every column comes back as it was written", "a row that is there is neither doubled nor changed",
		"many refused rows are dead letters at once", "when the table is wrong rows wait", "another row of the same id is kept apart",
		"writers of the same rows leave each once", "the schema may be made by many at once", "dead letters can be put back",
	}
	for _, rule := range rules {
		dialecttest.RunRule(t, h, rule)
	}
	h.Dialect = dialect.Postgres{Partition: dialect.PartitionDay}
	for range 3 { // the lock of a session leaked in some runs
		dialecttest.RunRule(t, h, "partitions are made ahead and dropped whole")
	}
	if n := count(t, server.DSN(), "pg_locks WHERE locktype = 'advisory'"); n != 0 {
		t.Errorf("%d advisory locks are left", n)
	}
}

func count(t *testing.T, dsn, from string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT count(*) FROM %s", from)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
