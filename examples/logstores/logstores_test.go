// Package logstores_test runs the real collector with the configurations for Loki
// and Elasticsearch, and looks at what they would get.
package logstores_test

import (
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// stores are the stores, where their OTLP goes, and the credentials that they must get.
var stores = map[string]struct{ variable, endpoint, path, authorization string }{
	"loki":          {"LOKI_OTLP_ENDPOINT", "/otlp", "/otlp/v1/logs", ""},
	"elasticsearch": {"ELASTICSEARCH_OTLP_ENDPOINT", "/_otlp", "/_otlp/v1/logs", "ApiKey secret-of-the-test"},
}

// A store gets the activity, without what is private and what is not an activity.
func TestRecords(t *testing.T) {
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			got := make(chan string, 10)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body := io.Reader(r.Body)
				if r.Header.Get("Content-Encoding") == "gzip" {
					body, _ = gzip.NewReader(r.Body)
				}
				text, _ := io.ReadAll(body)
				got <- r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(text)
			}))
			defer server.Close()
			col, _ := start(t, name, server.URL+store.endpoint)
			if err := otlpjson.Post(t.Context(), col.HTTP, "logs", otlpjson.Logs(activity("alice changed article 17"), other)); err != nil {
				t.Fatal(err)
			}
			select {
			case request := <-got:
				if !strings.HasPrefix(request, store.path+" "+store.authorization+" ") {
					t.Fatalf("%v", request[:60])
				}
				for _, text := range []string{"alice changed article 17", "activity.actor.id", "blog", "activity.id"} {
					if !strings.Contains(request, text) {
						t.Fatalf("%q is not in:\n%s", text, request)
					}
				}
				if strings.Contains(request, "somebody else's log") {
					t.Fatalf("%q is in:\n%s", "somebody else's log", request)
				}
				if strings.Contains(request, "hunter22") {
					t.Fatalf("%q is in:\n%s", "hunter22", request)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("nothing came")
			}
		})
	}
}

// Rows do not wait for a store that is away.
func TestStoreIsAway(t *testing.T) {
	for name := range stores {
		t.Run(name, func(t *testing.T) {
			col, db := start(t, name, "http://127.0.0.1:1", "--config=yaml:exporters::otlp_http/"+name+"::sending_queue::queue_size: 50")
			const sent = 200
			for n := range sent {
				if err := otlpjson.Post(t.Context(), col.HTTP, "logs", otlpjson.Logs(activity(fmt.Sprint("number ", n)))); err != nil {
					t.Fatal(err)
				}
			}
			testserver.Eventually(t, 30*time.Second, func() bool {
				var rows int
				return db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&rows) == nil && rows == sent
			})
		})
	}
}

func start(t *testing.T, name, endpoint string, args ...string) (*collectortest.Collector, *sql.DB) {
	t.Helper()
	file := "file:" + filepath.Join(t.TempDir(), "activity.db")
	col := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: file, Args: append([]string{"--config=" + name + ".yaml"}, args...),
		Env: []string{stores[name].variable + "=" + endpoint, "ELASTICSEARCH_API_KEY=secret-of-the-test"},
	})
	db, err := sql.Open("sqlite", file+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return col, db
}

// activity is a log record that declares one.
func activity(remarks string) otlpjson.Object {
	return otlpjson.Object{
		"timeUnixNano": fmt.Sprint(time.Now().UnixNano()), "eventName": "activity.recorded",
		"body": otlpjson.Object{"stringValue": remarks},
		"attributes": otlpjson.List{
			otlpjson.Text("activity.action.type", "Update"), otlpjson.Text("activity.actor.id", "1"), otlpjson.Text("activity.actor.name", "alice"),
			otlpjson.Text("activity.object.type", "article"), otlpjson.Text("activity.object.id", "17"), otlpjson.Text("password", "hunter22"),
		},
	}
}

var other = otlpjson.Object{"timeUnixNano": fmt.Sprint(time.Now().UnixNano()), "body": otlpjson.Object{"stringValue": "somebody else's log"}}
