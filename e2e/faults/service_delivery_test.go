package faults_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
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
	p := shortPlan
	if table.Full() {
		p = longPlan
	}
	for _, way := range []struct {
		name     string
		protocol string
		onDisk   bool
	}{
		{"HTTP from disk", "http/protobuf", true}, {"gRPC from memory", "grpc", false},
		{"HTTP from memory", "http/protobuf", false}, {"gRPC from disk", "grpc", true},
	} {
		t.Run(way.name, func(t *testing.T) {
			o := fault(t, atService, "collector and database away, restarted and killed, "+
				map[bool]string{true: "service killed, ", false: ""}[way.onDisk]+way.name)
			t.Parallel()
			serviceToRow(t, o, p, way.protocol, way.onDisk)
		})
	}
}

func serviceToRow(t *testing.T, o *outcome.Line, p plan, protocol string, onDisk bool) {
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
	o.Over()
	result := load.Await(func() load.Result { return requests.compare(rowsOf(t, db)) })
	o.Count(result)
	t.Logf("%v: %d requests answered, %d not; %d lost, %d doubled; complete %s after the end",
		took.Round(time.Second), result.Acknowledged, requests.failed, result.Lost, result.Doubled, o.Recovered())
	if result.Acknowledged < 300 {
		t.Errorf("only %d requests were answered: too few to tell", result.Acknowledged)
	}
	if result.Lost > 0 || result.Doubled > 0 {
		t.Errorf("%d of %d answered requests have no row, %d have two", result.Lost, result.Acknowledged, result.Doubled)
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
