package upgrade_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/schema"
)

// newBaseline is the version that is about to be released. make baseline VERSION=v0.1.0 writes it.
var newBaseline = flag.String("new-baseline", "", "write the `version`'s baseline with the present programs")

// nowhere is an address at which nobody listens.
const nowhere = "127.0.0.1:1"

// TestNewBaseline writes a baseline. It does nothing without the flag.
func TestNewBaseline(t *testing.T) {
	if *newBaseline == "" {
		t.Skip("without -new-baseline it does nothing")
	}
	b := baseline{Version: *newBaseline, Made: time.Now().UTC().Format(time.DateOnly), folder: filepath.Join("testdata", *newBaseline)}
	if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(b.Version) {
		t.Fatalf("the version must be like v0.1.0; got %s", b.Version)
	}
	if _, err := os.Stat(b.folder); err == nil {
		t.Fatalf("%s is there, and what was released is frozen. Remove the folder if the version was not released", b.folder)
	}
	b.Commit, b.Schema = commit(t), schemaVersion(t)
	folder := b.folder
	b.folder = t.TempDir() // until all is written
	for _, driver := range []string{"sqlite", "postgres", "mysql", "clickhouse"} {
		b.write(t, "schema-"+driver+".sql", activitylog(t, &database{}, "schema", "print", "--driver", driver))
	}
	b.table(t)
	b.queue(t)
	b.spool(t)
	var err error
	if b.Files, err = sumsOf(b.folder); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, about, string(text)+"\n")
	if err := os.CopyFS(folder, os.DirFS(b.folder)); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s with %d files", folder, len(b.Files)+1)
}

// commit returns that of the repository, in which nothing may be changed but these tests.
func commit(t *testing.T) string {
	t.Helper()
	changed, err := exec.CommandContext(t.Context(), "git", "status", "--porcelain", "--", ":(top)", ":(top,exclude)e2e").Output()
	if err != nil || len(changed) > 0 {
		t.Fatalf("commit first, so that the baseline can say which program wrote it: %v\n%s", err, changed)
	}
	head, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(head))
}

// schemaVersion is the version of the tables that the JSON Schema is about.
func schemaVersion(t *testing.T) (n int) {
	t.Helper()
	found := regexp.MustCompile(`version (\d+) of the table's schema`).FindStringSubmatch(schema.Row())
	if found == nil {
		t.Fatal("the JSON Schema does not name the version of the table's schema")
	}
	_, _ = fmt.Sscan(found[1], &n)
	return n
}

func (b *baseline) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// export writes the rows of a database.
func (b *baseline) export(t *testing.T, db *database, name string) {
	t.Helper()
	b.write(t, name, activitylog(t, db, "export", "--format", "jsonl"))
}

// full is a log record with all attributes.
func full(actor string) load.Object {
	at := time.Now()
	id := activity.HashID(at, []byte("full "+actor)).String()
	attributes := load.List{load.Object{"key": activity.DataKey, "value": load.Object{"stringValue": `{"changes":{"title":["Äpfel \"1\"",null]},"parent":{"type":"user","id":"3"},"n":12345678901234567890}`}}}
	for _, one := range [][2]string{
		{activity.IDKey, id}, {activity.ActorIDKey, actor}, {activity.ActorTypeKey, "user"}, {activity.ActorNameKey, "größer 😀"},
		{activity.ImpersonatorIDKey, "7"}, {activity.TenantIDKey, "acme"}, {activity.ActionTypeKey, "Update"}, {activity.ActionNameKey, "PATCH /articles/{id}"},
		{activity.StatusKey, "Failed"}, {activity.ErrorTypeKey, "409"}, {activity.ObjectTypeKey, "article"}, {activity.ObjectIDKey, strings.Repeat("long ", 60)},
		{activity.ObjectNameKey, "a 'quoted' \\ name"}, {activity.ClientAddressKey, "192.0.2.7"}, {activity.UserAgentKey, "curl/8.5.0"},
		{activity.SessionIDKey, "HUX5RHGBJBWFPDVB"}, {activity.BatchIDKey, id},
	} {
		attributes = append(attributes, load.Text(one[0], one[1]))
	}
	record := load.Object{"timeUnixNano": fmt.Sprint(at.UnixNano()), "eventName": activity.EventName, "body": load.Object{"stringValue": "line\nend \t 😀"},
		"attributes": attributes, "traceId": "e11d2ccb7f8233febec4b2a9cf29502a", "spanId": "457c7cba6856f436"}
	return load.Object{"resourceLogs": load.List{load.Object{
		"resource":  load.Object{"attributes": load.List{load.Text(activity.ServiceNameKey, "shop")}},
		"scopeLogs": load.List{load.Object{"logRecords": load.List{record}}},
	}}}
}

// plainSpans are spans that nobody declared, of which the processor makes activities.
func plainSpans(count int) load.Object {
	spans := load.List{}
	for n := range count {
		at := time.Now().Add(-time.Duration(n) * time.Second)
		spans = append(spans, load.Object{
			"traceId": fmt.Sprintf("%032x", n+1), "spanId": fmt.Sprintf("%016x", n+1), "name": "PUT /articles/{id}", "kind": 2,
			"startTimeUnixNano": fmt.Sprint(at.UnixNano()), "endTimeUnixNano": fmt.Sprint(at.Add(time.Millisecond).UnixNano()),
			"attributes": load.List{load.Text("http.request.method", "PUT"), load.Text("http.route", "/articles/{id}"),
				load.Text("url.path", fmt.Sprint("/articles/", n)), load.Text("user.id", "42"),
				load.Object{"key": "http.response.status_code", "value": load.Object{"intValue": "200"}}},
		})
	}
	return load.Object{"resourceSpans": load.List{load.Object{
		"resource":   load.Object{"attributes": load.List{load.Text(activity.ServiceNameKey, "plain")}},
		"scopeSpans": load.List{load.Object{"spans": spans}},
	}}}
}

func mustPost(t *testing.T, c *collectortest.Collector, signal string, request load.Object) {
	t.Helper()
	if err := load.Post(t.Context(), c.HTTP, signal, request); err != nil {
		t.Fatal(err)
	}
}

// await waits until a table has so many rows.
func (db *database) await(t *testing.T, table string, want int) {
	t.Helper()
	got := -1
	for deadline := time.Now().Add(30 * time.Second); got != want; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s has %d rows, want %d", table, got, want)
		}
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil {
			got = -1
		}
	}
}

// table writes rows of all kinds, and a dead letter.
func (b *baseline) table(t *testing.T) {
	db := sqlite(t, filepath.Join(t.TempDir(), "activity.db"))
	c := collector(t, db, t.TempDir())
	mustPost(t, c, "logs", full("42"))
	mustPost(t, c, "logs", load.LogsRequest(2_000_000, 100))
	mustPost(t, c, "traces", plainSpans(20))
	db.await(t, "activity_log", 121)
	b.export(t, db, tableRows)
	db.exec(t, `CREATE TRIGGER refuse BEFORE INSERT ON activity_log WHEN new.actor_id = 'refused' BEGIN SELECT RAISE(ABORT, 'the test refuses this row'); END`)
	mustPost(t, c, "logs", full("refused"))
	db.await(t, "activity_log_dead_letter", 1)
	c.Stop()
	var letter struct {
		EventID    string `json:"event_id"`
		ActionTime string `json:"action_time"`
		Reason     string `json:"reason"`
		Record     string `json:"record"`
	}
	if err := db.QueryRowContext(t.Context(), "SELECT event_id, action_time, reason, record FROM activity_log_dead_letter").
		Scan(&letter.EventID, &letter.ActionTime, &letter.Reason, &letter.Record); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("2006-01-02 15:04:05.000000", letter.ActionTime)
	if err != nil {
		t.Fatal(err)
	}
	letter.ActionTime = at.Format(time.RFC3339Nano)
	text, err := json.Marshal(letter)
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, deadLetters, string(text)+"\n")
}

// queue writes the queue of a collector whose database is away, killed.
func (b *baseline) queue(t *testing.T) {
	storage := t.TempDir()
	away := &database{driver: "sqlite", dsn: "file:" + filepath.Join(t.TempDir(), "missing", "activity.db")}
	c := collector(t, away, storage)
	for n := range 5 {
		mustPost(t, c, "logs", load.LogsRequest(3_000_000+n*50, 50))
	}
	mustPost(t, c, "logs", full("43"))
	mustPost(t, c, "traces", plainSpans(10))
	c.Kill()
	b.keep(t, "queue", storage)
	db := sqlite(t, filepath.Join(t.TempDir(), "activity.db"))
	c = collector(t, db, storage)
	db.await(t, "activity_log", 261)
	c.Stop()
	b.export(t, db, queueRows)
}

// spool writes the spool of a service whose collector is away, killed.
func (b *baseline) spool(t *testing.T) {
	folder := t.TempDir()
	s := startService(t, folder, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+nowhere)
	act := func(method, path, cookie, body string) string {
		set, err := s.do(t.Context(), method, path, cookie, body)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	act("POST", "/api/login", "", `{"username":"alice","password":"wonderlamp"}`)
	cookie := act("POST", "/api/login", "", `{"username":"alice","password":"wonderland"}`)
	act("PATCH", "/api/articles/1", cookie, `{"title":"Up the rabbit hole"}`)
	for n := range 30 {
		act("GET", fmt.Sprint("/api/articles/", 1000+n), cookie, "")
	}
	s.Kill()
	b.keep(t, "spool", folder)
	db := sqlite(t, filepath.Join(t.TempDir(), "activity.db"))
	c := collector(t, db, t.TempDir())
	s = startService(t, folder, c.OTLPEnv()...)
	db.await(t, "activity_log", 33)
	s.stop(t)
	c.Stop()
	b.export(t, db, spoolRows)
}

// keep copies the files of a log, without its lock.
func (b *baseline) keep(t *testing.T, name, folder string) {
	t.Helper()
	to := filepath.Join(b.folder, name)
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, "lock")); err != nil {
		t.Fatal(err)
	}
}
