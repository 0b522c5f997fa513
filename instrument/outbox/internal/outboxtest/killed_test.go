package outboxtest

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// story says how much happens in TestKilledRelays.
type story struct{ committed, undone, kills int }

// plan is the short story, or with ACTIVITYLOG_FAULTS=full the long one.
func plan() story {
	if os.Getenv("ACTIVITYLOG_FAULTS") == "full" {
		return story{committed: 1000, undone: 1000, kills: 20}
	}
	return story{committed: 150, undone: 100, kills: 4}
}

// TestKilledRelays runs two services that change articles, record that and relay it to
// the real collector. One of them is killed again and again, with its transactions and
// its relay. What was committed, and nothing else, is a row, once.
func TestKilledRelays(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) { testKilledRelays(t, postgres(t)(t)) })
	t.Run("MariaDB", func(t *testing.T) { testKilledRelays(t, mariadb(t)(t)) })
	t.Run("SQLite", func(t *testing.T) { testKilledRelays(t, sqlite(t)) })
}

func testKilledRelays(t *testing.T, d database) {
	t.Helper()
	p := plan()
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	exec(t, db, "CREATE TABLE articles (id VARCHAR(36) PRIMARY KEY)")
	exec(t, db, "CREATE TABLE undone (id VARCHAR(36) PRIMARY KEY)")
	c, log := startCollector(t, d)
	services := []*service{startService(t, d, c.OTLPEnv()...), startService(t, d, c.OTLPEnv()...)}

	kills := 0
	enough := func() bool {
		return count(t, db, "articles") >= p.committed && count(t, db, "undone") >= p.undone && kills >= p.kills
	}
	for deadline := time.Now().Add(3 * time.Minute); !enough() && time.Now().Before(deadline); {
		time.Sleep(50*time.Millisecond + rand.N(250*time.Millisecond))
		if kills < p.kills {
			i := rand.N(len(services))
			services[i].Kill()
			services[i] = startService(t, d, c.OTLPEnv()...)
			kills++
		}
	}
	if !enough() {
		t.Fatalf("only %d transactions and %d kills: %s", count(t, db, "articles"), kills, services[0].log.Tail(20))
	}
	began := time.Now()
	for _, s := range services {
		s.rest()
	}
	testserver.Eventually(t, patience, func() bool {
		return waiting(t, db, box).Waiting == 0 && len(rowsOf(t, log)) >= count(t, db, "articles")
	})
	articles, undone, rows := ids(t, db, "articles"), count(t, db, "undone"), rowsOf(t, log)
	lost, doubled := 0, 0
	for id := range articles {
		if rows[id] == 0 {
			lost++
		}
	}
	for _, n := range rows {
		doubled += n - 1
	}
	invented := len(rows) + lost - len(articles)
	t.Logf("%d transactions committed, %d rolled back, %d kills: %d rows, %d lost, %d doubled, %d of nothing; complete after %v",
		len(articles), undone, kills, len(rows), lost, doubled, invented, time.Since(began).Round(10*time.Millisecond))
	if lost > 0 || doubled > 0 || invented > 0 {
		t.Errorf("%d lost, %d doubled, %d of nothing", lost, doubled, invented)
	}
	if n := count(t, log, "activity_log_dead_letter"); n > 0 {
		t.Errorf("%d dead letters", n)
	}
}

// startCollector starts the real collector, and returns the database that it writes to,
// once the table is there.
func startCollector(t *testing.T, d database) (*collectortest.Collector, *sql.DB) {
	t.Helper()
	if d.dialect == outbox.SQLite {
		d.log += "-log"
		d.dsn = d.log + "?_pragma=busy_timeout(10000)"
	}
	c := collectortest.Start(t, collectortest.Config{Driver: d.kind, DSN: d.log})
	db := d.open(t)
	testserver.Eventually(t, patience, func() bool { // it starts before it creates the table
		_, err := db.ExecContext(t.Context(), "SELECT 1 FROM activity_log WHERE 1 = 0")
		return err == nil
	})
	return c, db
}

func count(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func ids(t *testing.T, db *sql.DB, table string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for id := range counted(t, db, "SELECT id, 1 FROM "+table) {
		found[id] = true
	}
	return found
}

// rowsOf returns how many rows of the activity log there are of each article.
func rowsOf(t *testing.T, log *sql.DB) map[string]int {
	t.Helper()
	return counted(t, log, "SELECT object_id, count(*) FROM activity_log GROUP BY object_id")
}

func counted(t *testing.T, db *sql.DB, query string) map[string]int {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		counts[id] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return counts
}
