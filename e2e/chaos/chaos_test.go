// Package chaos_test does to the real collector what happens to collectors:
// its database is away, it is killed, its senders repeat themselves. What it
// acknowledged must be a row, and nothing may be two.
package chaos_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

func TestCollectorComesBeforeItsDatabase(t *testing.T) {
	server := pgtest.Start(t)
	server.Stop()
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	l := load.Start(c)
	time.Sleep(3 * time.Second)
	server.Start()
	time.Sleep(time.Second)
	l.Stop()
	l.Expect(t, load.Open(t, "pgx", server.DSN()))
}

func TestDatabaseStopsForThirtySecondsUnderLoad(t *testing.T) {
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	l := load.Start(c)
	time.Sleep(2 * time.Second)
	server.Stop()
	before := l.Acknowledged()
	time.Sleep(30 * time.Second)
	if during := l.Acknowledged() - before; during < 1000 {
		t.Errorf("without its database the collector acknowledged %d records in 30 s; its queue should take more", during)
	}
	server.Start()
	time.Sleep(2 * time.Second)
	l.Stop()
	l.Expect(t, load.Open(t, "pgx", server.DSN()))
}

func TestCollectorIsKilledUnderLoad(t *testing.T) {
	server := pgtest.Start(t)
	for driver, dsn := range map[string]string{
		"sqlite":   "file:" + filepath.Join(t.TempDir(), "activity.db"),
		"postgres": server.DSN(),
	} {
		t.Run(driver, func(t *testing.T) {
			c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: dsn})
			l := load.Start(c)
			for range 4 {
				time.Sleep(time.Second + time.Duration(rand.IntN(1000))*time.Millisecond)
				c.Kill()
				c.Restart()
			}
			time.Sleep(time.Second)
			l.Stop()
			name := map[string]string{"sqlite": "sqlite", "postgres": "pgx"}[driver]
			l.Expect(t, load.Open(t, name, dsn))
		})
	}
}

// TestSamePayloadAgainAndAgain sends one payload three times, in each signal,
// to two collectors that write to one database.
func TestSamePayloadAgainAndAgain(t *testing.T) {
	server := pgtest.Start(t)
	db := load.Open(t, "pgx", server.DSN())
	const n = 1000
	two := []*collectortest.Collector{
		collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()}),
		collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()}),
	}
	send := func(signal string, request load.Object) {
		var wg sync.WaitGroup
		for range 3 {
			for _, c := range two {
				wg.Go(func() {
					if err := load.Post(t.Context(), c.HTTP, signal, request); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
	}
	send("traces", load.TracesRequest(0, n)) // every second one has an id, and is a span
	if got := eventually(t, func() int { return len(load.Counts(t, db)) }, n/2); got != n/2 {
		t.Errorf("traces alone: %d objects have rows, want %d", got, n/2)
	}
	send("logs", load.LogsRequest(0, n))
	send("traces", load.TracesRequest(0, n))
	if got := eventually(t, func() int { return len(load.Counts(t, db)) }, n); got != n {
		t.Errorf("traces and logs: %d objects have rows, want %d", got, n)
	}
	for _, c := range two {
		c.Stop()
	}
	for object, rows := range load.Counts(t, db) {
		if rows != 1 {
			t.Errorf("object %s has %d rows, want 1", object, rows)
		}
	}
}

// TestThreeOddRowsInAThousand sends what no database takes as it is. Each is a row
// all the same, which says what was changed, and its neighbours are complete.
func TestThreeOddRowsInAThousand(t *testing.T) {
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	request := load.LogsRequest(0, 1000)
	bad := request["resourceLogs"].(load.List)[0].(load.Object)["scopeLogs"].(load.List)[0].(load.Object)["logRecords"].(load.List)
	set := func(n int, key, value string) {
		record := bad[n].(load.Object)
		record["attributes"] = append(record["attributes"].(load.List), load.Text(key, value))
	}
	set(100, activity.ActorNameKey, "nul \x00 byte")
	set(500, activity.ObjectNameKey, strings.Repeat("0123456789", 1<<18)) // 2.5 MB, of which 64 KiB are searched for secrets
	bad[700].(load.Object)["attributes"] = load.List{                     // 1 MB that does not compress, in an indexed column
		load.Text(activity.ActionTypeKey, "Update"), load.Text(activity.ObjectIDKey, incompressible()),
	}
	if err := load.Post(t.Context(), c.HTTP, "logs", request); err != nil {
		t.Fatal(err)
	}
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(1000, 100)); err != nil { // and on
		t.Fatal(err)
	}
	db := load.Open(t, "pgx", server.DSN())
	number := func(query string) func() int {
		return func() (n int) {
			if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
				return -1
			}
			return n
		}
	}
	for query, want := range map[string]int{
		"SELECT count(*) FROM activity_log":                                                       1100,
		"SELECT count(*) FROM activity_log_dead_letter":                                           0,
		"SELECT count(*) FROM activity_log WHERE data->'activity.repaired' @> '[\"actor_name\"]'": 1,
		"SELECT count(*) FROM activity_log WHERE data->'activity.cut' @> '[\"object_name\"]' AND length(object_name) BETWEEN 60000 AND 65536": 1,
		"SELECT count(*) FROM activity_log WHERE data->'activity.cut' @> '[\"object_id\"]' AND length(object_id) = 255":                       1,
		"SELECT count(*) FROM activity_log WHERE object_id = '699' OR object_id = '701'":                                                      2,
		"SELECT count(*) FROM activity_log WHERE object_id = '1050' AND recorded_at > action_time ":                                           1,
	} {
		if got := eventually(t, number(query), want); got != want {
			t.Errorf("%s: got %d, want %d", query, got, want)
		}
	}
}

// TestBrokenUTF8 sends it as it comes from a careless sender: in protobuf,
// since JSON cannot carry it.
func TestBrokenUTF8(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	field := func(number byte, content []byte) []byte { // a length-delimited field of protobuf
		return append([]byte{number<<3 | 2, byte(len(content))}, content...)
	}
	attribute := func(key, value string) []byte {
		return field(6, append(field(1, []byte(key)), field(2, field(1, []byte(value)))...))
	}
	record := bytes.Join([][]byte{
		field(5, field(1, []byte("broken \xff\xfe utf-8"))), attribute(activity.ActionTypeKey, "Read"),
	}, nil)
	if err := load.PostBytes(t.Context(), c.HTTP, "logs", http.Header{"Content-Type": {"application/x-protobuf"}}, field(1, field(2, field(2, record)))); err != nil {
		t.Fatal(err)
	}
	db := load.Open(t, "sqlite", dsn)
	remarks := ""
	read := func() int {
		_ = db.QueryRowContext(t.Context(), "SELECT remarks FROM activity_log").Scan(&remarks)
		return len(remarks)
	}
	if eventually(t, read, len("broken \uFFFD utf-8")); remarks != "broken \uFFFD utf-8" {
		t.Errorf("remarks: got %q", remarks)
	}
}

func TestWrongConfigurationFailsAtStart(t *testing.T) {
	binary := collectortest.Binary(t)
	const password = "hunter2-the-secret"
	for name, c := range map[string]struct {
		env, args []string
		want      []string
	}{
		"unknown driver": {[]string{"ACTIVITYLOG_DRIVER=mongodb"}, nil, []string{"activitylog", "driver", "mongodb", "sqlite"}},
		"empty DSN":      {[]string{"ACTIVITYLOG_DSN="}, []string{"--set=exporters.activitylog.dsn="}, []string{"activitylog", "dsn", "empty"}},
		"bad DSN": {[]string{"ACTIVITYLOG_DRIVER=postgres", "ACTIVITYLOG_DSN=postgres://u:" + password + "@h:port/db"}, nil,
			[]string{"activitylog", "dsn", "postgres://user:password@host"}},
		"bad table":     {nil, []string{"--set=exporters.activitylog.table=1; DROP TABLE x"}, []string{"activitylog", "table", "lower-case"}},
		"negative pool": {nil, []string{"--set=exporters.activitylog.max_open_conns=-1"}, []string{"activitylog", "max_open_conns", "-1"}},
		"unknown key":   {nil, []string{"--set=exporters.activitylog.tabel=x"}, []string{"activitylog", "tabel"}},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := filepath.Abs("../../collector-config.yaml")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), binary, append([]string{"--config=" + config}, c.args...)...)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), c.env...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("the collector did not fail:\n%s", out)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("the output does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(string(out), password) {
				t.Errorf("the output shows the password:\n%s", out)
			}
		})
	}
}

// TestPasswordIsInNoLogLine runs with a password that the database refuses, at
// the level debug.
func TestPasswordIsInNoLogLine(t *testing.T) {
	server := pgtest.Start(t)
	const password = "hunter2-the-secret"
	wrong := strings.Replace(server.DSN(), pgtest.Password, password, 1)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: wrong,
		Args: []string{"--set=service.telemetry.logs.level=debug"}})
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(0, 10)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() int { return strings.Count(c.Log(), "password authentication failed") }, 3)
	if !strings.Contains(c.Log(), "password authentication failed") {
		t.Error("the log does not say that the password is wrong")
	}
	if strings.Contains(c.Log(), password) {
		t.Error("the log shows the password")
	}
}

// eventually returns read() once it is want, or what it is after 20 seconds.
func eventually(t *testing.T, read func() int, want int) (got int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = read(); got == want {
			return got
		}
	}
	return got
}

func incompressible() string {
	var b strings.Builder
	for b.Len() < 1<<20 {
		fmt.Fprintf(&b, "%016x", rand.Uint64())
	}
	return b.String()
}
