package routes_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// login is one line of the table: the answer to a request for a session.
type login struct {
	framework, method, route, path string
	code                           int
	user, claimed                  string
	want                           loginRow
}

// loginRow is what a row says about it, the zero loginRow for no row.
type loginRow struct{ action, status, actor, claimed string }

func (l *login) name() string {
	return fmt.Sprintf("%s %s %s %d", l.framework, l.method, l.path, l.code)
}

// TestLogins sends spans of the answers of frameworks to the collector, and serves the
// same requests with the middleware.
func TestLogins(t *testing.T) {
	table := readLogins(t)
	derived := deriveLogins(t, table)
	for i := range table {
		l := &table[i]
		t.Run(l.name(), func(t *testing.T) {
			if got := derived[traceID(i)]; got != l.want {
				t.Errorf("derived: %+v, want %+v", got, l.want)
			}
			if got := declareLogin(t, l); got != l.want {
				t.Errorf("declared: %+v, want %+v", got, l.want)
			}
		})
	}
}

func readLogins(t *testing.T) []login {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "logins.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var table []login
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 10 {
			t.Fatalf("%q has %d fields, want 10", line, len(c))
		}
		code, err := strconv.Atoi(c[4])
		if err != nil {
			t.Fatal(err)
		}
		l := login{c[0], c[1], c[2], c[3], code, c[5], c[6], loginRow{}}
		if c[7] != "-" {
			l.want = loginRow{c[7], c[8], c[5], c[6]}
			if c[7] == "Login Failed" {
				l.want.actor = "" // nobody is known to have tried
			}
		}
		table = append(table, l)
	}
	return table
}

// deriveLogins returns the rows that the collector makes of plain spans, by trace.
func deriveLogins(t *testing.T, table []login) map[string]loginRow {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Args: []string{"--config=yaml:processors::activity::fold::enabled: false"}}) // many lines are alike
	var spans otlpjson.List
	want := 0
	for i := range table {
		spans = append(spans, table[i].span(i))
		if table[i].want != (loginRow{}) {
			want++
		}
	}
	if err := otlpjson.Post(t.Context(), c.HTTP, "traces", otlpjson.Traces(spans...)); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]loginRow)
	for _, r := range waitForRows(t, dsn, want) {
		var data struct {
			Claimed string `json:"claimed"`
		}
		if err := json.Unmarshal([]byte(r["data"]), &data); err != nil {
			t.Fatal(err)
		}
		got[r["trace_id"]] = loginRow{r["action_type"], r["status"], r["actor_id"], data.Claimed}
	}
	return got
}

// waitForRows returns the rows when there are n of them and for a second no more.
func waitForRows(t *testing.T, dsn string, n int) (found []rows.Row) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for range 100 {
		if found, err = rows.Read(t.Context(), db, "sqlite"); err == nil && len(found) >= n {
			time.Sleep(time.Second)
			found, err = rows.Read(t.Context(), db, "sqlite")
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (l *login) span(i int) otlpjson.Object {
	attributes := otlpjson.List{
		otlpjson.Text("http.request.method", l.method), otlpjson.Text("url.path", l.path),
		otlpjson.Number("http.response.status_code", l.code),
	}
	for _, a := range [...]struct{ key, text string }{{"http.route", l.route}, {"user.id", l.user}, {"user.name", l.claimed}} {
		if a.text != "" {
			attributes = append(attributes, otlpjson.Text(a.key, a.text))
		}
	}
	now := time.Now().UnixNano()
	return otlpjson.Object{
		"traceId": traceID(i), "spanId": fmt.Sprintf("eee19b7e%08x", i+1), "name": l.method, "kind": 2,
		"startTimeUnixNano": fmt.Sprint(now), "endTimeUnixNano": fmt.Sprint(now + 1000), "attributes": attributes,
	}
}

// declareLogin serves the request with the middleware, and returns what it records.
func declareLogin(t *testing.T, l *login) loginRow {
	t.Helper()
	kept := &loginRecorder{}
	lp := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(kept)))
	h := instrument.NewMiddleware(instrument.WithLoggerProvider(lp))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = l.route
		instrument.FromContext(r.Context()).SetActor(activity.Actor{ID: l.user})
		if l.claimed != "" {
			instrument.FromContext(r.Context()).SetData(activity.ClaimedKey, l.claimed)
		}
		w.WriteHeader(l.code)
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(l.method, l.path, nil))
	return kept.row
}

// loginRecorder keeps the last record.
type loginRecorder struct{ row loginRow }

// Export implements [sdklog.Exporter].
func (r *loginRecorder) Export(_ context.Context, records []sdklog.Record) error {
	for i := range records {
		records[i].WalkAttributes(func(kv attribute.KeyValue) bool {
			switch string(kv.Key) {
			case activity.ActionTypeKey:
				r.row.action = kv.Value.AsString()
			case activity.StatusKey:
				r.row.status = kv.Value.AsString()
			case activity.ActorIDKey:
				r.row.actor = kv.Value.AsString()
			case activity.DataKey:
				for _, member := range kv.Value.AsMap() {
					if string(member.Key) == activity.ClaimedKey {
						r.row.claimed = member.Value.AsString()
					}
				}
			}
			return true
		})
	}
	return nil
}

// Shutdown implements [sdklog.Exporter].
func (*loginRecorder) Shutdown(context.Context) error { return nil }

// ForceFlush implements [sdklog.Exporter].
func (*loginRecorder) ForceFlush(context.Context) error { return nil }
