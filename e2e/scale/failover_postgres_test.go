package scale_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// pair is a PostgreSQL primary and its standby.
type pair struct{ primary, standby *pgtest.Server }

func startPair(t *testing.T) *pair {
	t.Helper()
	primary := pgtest.Start(t, "-c", "wal_log_hints=on", "-c", "wal_keep_size=1GB") // for pg_rewind
	return &pair{primary, primary.Standby()}
}

// dsn has both hosts, in the order in which the pair began.
func (p *pair) dsn() string {
	return strings.Replace(p.primary.DSN(), p.primary.Address(), p.primary.Address()+","+p.standby.Address(), 1) + "&target_session_attrs=read-write"
}

// synchronous makes commits of the primary wait for the standby.
func (p *pair) synchronous(t *testing.T, commit string) {
	t.Helper()
	execute(t, load.Open(t, "pgx", p.primary.DSN()), "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
		"ALTER SYSTEM SET synchronous_commit = "+commit, "SELECT pg_reload_conf()")
	testserver.Eventually(t, 20*time.Second, func() bool {
		db := load.Open(t, "pgx", p.primary.DSN())
		defer db.Close()
		var state string
		_ = db.QueryRowContext(t.Context(), "SELECT sync_state FROM pg_stat_replication").Scan(&state)
		return state == "sync"
	}, "the standby is synchronous")
}

// failOver kills the primary, and promotes the standby a second later. The new primary
// waits for no standby.
func (p *pair) failOver(t *testing.T) {
	t.Helper()
	p.primary.Kill()
	time.Sleep(time.Second)
	p.standby.Promote()
	p.primary, p.standby = p.standby, p.primary
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestFailoverPostgres has both hosts in the DSN. Commits wait until the standby has
// written, or also applied, them. The primary is killed; then it becomes the standby of
// the new one, which is killed.
func TestFailoverPostgres(t *testing.T) {
	beside(t)
	for _, commit := range []string{"on", "remote_apply"} {
		t.Run(commit, func(t *testing.T) {
			if commit != "on" && !table.Full() {
				t.Skip("runs in make test-scale")
			}
			line := table.Begin(t, failingOver, "PostgreSQL, two hosts, synchronous_commit "+commit+": primary killed, pg_rewind, the other killed")
			p := startPair(t)
			p.synchronous(t, commit)
			c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: p.dsn()})
			n := records(40_000)
			b := bulk(n, load.HTTP(c.HTTP))
			b.Rate = rate(10_000)
			b.Start()
			b.WaitFor(t, n/4)
			p.failOver(t)
			p.standby.Rejoin(p.primary)
			p.synchronous(t, commit)
			b.WaitFor(t, n*3/4)
			p.failOver(t)
			b.Wait()
			line.Over()
			line.Count(b.Expect(t, load.Open(t, "pgx", p.primary.DSN())))
		})
	}
}

// rate returns how many records a second are sent: so that a short form goes on while its
// servers die.
func rate(short int) int {
	if table.Full() {
		return 20_000
	}
	return short
}

// TestFailoverPostgresLag has an asynchronous standby that has not got what was committed
// for two seconds when the primary is killed. With queue::keep all of that is written
// again; without it, it is only on the old primary, from which it is exported.
func TestFailoverPostgresLag(t *testing.T) {
	beside(t)
	t.Run("kept", func(t *testing.T) {
		line := table.Begin(t, failingOver, "PostgreSQL, two hosts, asynchronous, queue::keep 1m: primary killed while the standby lags by 2 s")
		p, b := failOverWithLag(t, "--config=yaml:exporters::activitylog::queue::keep: 1m")
		line.Over()
		line.Count(b.Expect(t, load.Open(t, "pgx", p.primary.DSN())))
		line.Say("the rows that the standby had not received were written again")
	})
	t.Run("not kept", func(t *testing.T) {
		if !table.Full() {
			t.Skip("runs in make test-scale")
		}
		what := "PostgreSQL, two hosts, asynchronous: primary killed while the standby lags by 2 s"
		line := table.Begin(t, failingOver, what)
		p, b := failOverWithLag(t)
		line.Over()
		db := load.Open(t, "pgx", p.primary.DSN())
		result := b.Compare(t, db)
		if result.Lost == 0 || result.Doubled > 0 {
			t.Errorf("%d lost, %d doubled: want some lost, so that something is tested here, and none doubled", result.Lost, result.Doubled)
		}
		line.Count(result)
		line.NotRecovered()
		line.Say("what the standby had not received is lost, as must be")

		line = table.Begin(t, failingOver, what+"; its rows exported and imported")
		p.standby.Start() // alone, so that it is as it was when it was killed
		exportAndImport(t, p.standby.DSN(), p.primary.DSN())
		line.Over()
		line.Count(b.Expect(t, db))
		p.standby.Stop()
		p.standby.Rejoin(p.primary)
	})
}

// failOverWithLag sends records while a primary is killed, whose standby lags.
func failOverWithLag(t *testing.T, args ...string) (*pair, *load.Bulk) {
	t.Helper()
	p := startPair(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: p.dsn(), Args: args})
	n := records(40_000)
	b := bulk(n, load.HTTP(c.HTTP))
	b.Rate = rate(10_000)
	b.Start()
	b.WaitFor(t, n/3)
	p.lag(t, 2*time.Second)
	before := rows(t, p.primary)
	p.failOver(t)
	if after := rows(t, p.primary); after >= before {
		t.Errorf("the standby had %d rows, and the primary %d: nothing is tested here", after, before)
	} else {
		t.Logf("the standby lacked %d rows", before-after)
	}
	b.Wait()
	return p, b
}

func rows(t *testing.T, server *pgtest.Server) (n int) {
	t.Helper()
	db := load.Open(t, "pgx", server.DSN())
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// exportAndImport brings the rows of one database into another, as the page says.
func exportAndImport(t *testing.T, from, to string) {
	t.Helper()
	command, file := filepath.Join(t.TempDir(), "activitylog"), filepath.Join(t.TempDir(), "old.jsonl.zst")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", command, ".")
	build.Dir = filepath.Join(collectortest.Root(t), "cmd", "activitylog")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build activitylog: %v\n%s", err, out)
	}
	for _, args := range [][]string{
		{"export", "--config", dsnFile(t, from), "--output", file, "--since", "2h"},
		{"import", "--config", dsnFile(t, to), file},
	} {
		out, err := exec.CommandContext(t.Context(), command, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("activitylog %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		t.Logf("activitylog %s:\n%s", strings.Join(args, " "), out)
	}
}

// dsnFile is a configuration of the command.
func dsnFile(t *testing.T, dsn string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "activitylog.yaml")
	if err := os.WriteFile(file, []byte("dsn: "+dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// lag stops what sends to the standby, and waits. Stopping what receives there would lose
// nothing on one machine: the kernel keeps what was sent.
func (p *pair) lag(t *testing.T, d time.Duration) {
	t.Helper()
	sender := p.primary.Sender()
	if sender == 0 {
		t.Fatal("no standby is connected")
	}
	if err := syscall.Kill(sender, syscall.SIGSTOP); err != nil {
		t.Fatalf("stop the process that sends to the standby: %v", err)
	}
	time.Sleep(d)
}

// TestFailoverPgBouncer has PgBouncer in transaction mode, which is killed and started
// again, and so is the server behind it, with each way in which the driver sends
// statements, except cache_statement: named prepared statements are of a session, which
// this PgBouncer does not know about.
func TestFailoverPgBouncer(t *testing.T) {
	beside(t)
	for _, mode := range []string{"exec", "simple_protocol", "cache_describe", "describe_exec"} {
		t.Run(mode, func(t *testing.T) {
			if mode != "exec" && !table.Full() {
				t.Skip("runs in make test-scale")
			}
			line := table.Begin(t, failingOver, "PostgreSQL behind PgBouncer, default_query_exec_mode="+mode+": pooler killed, server killed")
			server := pgtest.Start(t)
			pooler := server.Pooler(t)
			c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: pooler.DSN() + "&default_query_exec_mode=" + mode})
			n := records(40_000)
			b := bulk(n, load.HTTP(c.HTTP))
			b.Rate = rate(20_000)
			b.Start()
			b.WaitFor(t, n/4)
			pooler.Kill()
			pooler.Start()
			b.WaitFor(t, n/2)
			server.Kill()
			server.Start()
			b.Wait()
			line.Over()
			line.Count(b.Expect(t, load.Open(t, "pgx", server.DSN())))
		})
	}
}
