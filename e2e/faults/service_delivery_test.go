package faults_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/pgtest"
)

// plan says what happens while clients make requests, and for how long.
type plan struct {
	perSecond    int
	collectorOff time.Duration
	databaseOff  time.Duration
	restarts     int           // of the collector by SIGTERM
	kills        int           // of the collector by SIGKILL
	serviceKills int           // with the spool on disk
	pause        time.Duration // between two events
	atLeast      time.Duration // for all of it
}

var (
	shortPlan = plan{perSecond: 100, collectorOff: 4 * time.Second, databaseOff: 2 * time.Second,
		restarts: 1, kills: 1, serviceKills: 4, pause: 300 * time.Millisecond}
	longPlan = plan{perSecond: 200, collectorOff: 60 * time.Second, databaseOff: 60 * time.Second,
		restarts: 5, kills: 5, serviceKills: 20, pause: 5 * time.Second, atLeast: 5 * time.Minute}
)

// TestServiceToRow is the whole way: what clients saw answered is a row,
// exactly one, although the collector is away, restarted and killed, its
// database is away, and, with the spool on disk, the service is killed.
func TestServiceToRow(t *testing.T) {
	full := os.Getenv("ACTIVITYLOG_FAULTS") == "full"
	p := shortPlan
	if full {
		p = longPlan
	}
	for _, way := range []struct {
		name     string
		protocol string
		onDisk   bool
		short    bool // also in make test
	}{
		{"HTTP from disk", "http/protobuf", true, true}, {"gRPC from memory", "grpc", false, true},
		{"HTTP from memory", "http/protobuf", false, false}, {"gRPC from disk", "grpc", true, false},
	} {
		t.Run(way.name, func(t *testing.T) {
			if !way.short {
				onlyFull(t)
			}
			t.Parallel()
			serviceToRow(t, p, way.protocol, way.onDisk)
		})
	}
}

func serviceToRow(t *testing.T, p plan, protocol string, onDisk bool) {
	t.Helper()
	database := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: database.DSN()})
	endpoint := c.HTTP
	if protocol == "grpc" {
		endpoint = c.GRPC
	}
	env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=" + protocol}
	if onDisk {
		env = append(env, "ACTIVITYLOG_SPOOL_DIR="+filepath.Join(t.TempDir(), "spool"))
	}
	s := startService(t, env...)
	began := time.Now()
	requests := startClients(s, p.perSecond)

	c.Stop()
	time.Sleep(p.collectorOff / 2)
	if onDisk {
		s.kill() // with the collector away, so that its activities are nowhere else
	}
	time.Sleep(p.collectorOff / 2)
	c.Restart()
	for range p.restarts {
		time.Sleep(p.pause)
		c.Stop()
		time.Sleep(p.pause / 5)
		c.Restart()
	}
	for range p.kills {
		time.Sleep(p.pause)
		c.Kill()
		time.Sleep(p.pause / 5)
		c.Restart()
	}
	database.Stop()
	time.Sleep(p.databaseOff)
	database.Start()
	for n := 1; onDisk && n < p.serviceKills; n++ {
		time.Sleep(p.pause)
		s.kill()
	}
	time.Sleep(max(p.pause, p.atLeast-time.Since(began)))
	requests.stop()
	took := time.Since(began)
	s.stop()

	db := load.Open(t, "pgx", database.DSN())
	lost, doubled := 0, 0
	settling := time.Now()
	for deadline := settling.Add(60 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if lost, doubled = requests.compare(rowsOf(t, db)); lost == 0 || time.Now().After(deadline) {
			break
		}
	}
	t.Logf("%v: %d requests answered, %d not; %d lost, %d doubled; complete %v after the end",
		took.Round(time.Second), len(requests.answered), requests.failed, lost, doubled, time.Since(settling).Round(100*time.Millisecond))
	if len(requests.answered) < 300 {
		t.Errorf("only %d requests were answered: too few to tell", len(requests.answered))
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("%d of %d answered requests have no row, %d have two", lost, len(requests.answered), doubled)
	}
}

// rowsOf returns how many rows there are of each article.
func rowsOf(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	rows, err := db.QueryContext(context.Background(),
		"SELECT object_id, count(*) FROM activity_log WHERE object_type = 'article' AND object_id IS NOT NULL GROUP BY object_id")
	if err != nil {
		t.Logf("not yet: %v", err)
		return counts
	}
	defer rows.Close()
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
