package operate_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

// TestApplyOnBrokenConnections applies the schema to ClickHouse, and each statement with
// some text breaks its connection for a few times.
func TestApplyOnBrokenConnections(t *testing.T) {
	s := clickhouseServer(t)
	for _, tt := range []struct {
		name, text string
		times      int32
		fails      bool
	}{
		{"none", "nothing has this", 1, false},
		{"the table of versions", "CREATE TABLE IF NOT EXISTS activity_log_schema", 1, false},
		{"a migration", `CREATE TABLE IF NOT EXISTS "activity_log_store"`, 2, false},
		{"each time", `CREATE TABLE IF NOT EXISTS "activity_log_store"`, 100, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := &database{server: s, dsn: s.create(t)}
			proxied, broken := breaking(t, db.dsn, tt.text, tt.times)
			table := db.open(t, operate.Config{Driver: "clickhouse", DSN: proxied})
			done, err := table.Apply(t.Context())
			if tt.fails != (err != nil) || !tt.fails && len(done.Migrations) != newest {
				t.Errorf("got %d migrations, %v", len(done.Migrations), err)
			}
			if got := broken.Load(); got != min(tt.times, 3) && tt.name != "none" {
				t.Errorf("%d connections broke", got)
			}
			if !tt.fails {
				worst(t, db.table(t).Check(t.Context()), operate.OK)
			}
		})
	}
}

// breaking returns the DSN of a proxy that breaks the connections of some statements, and
// how many it broke.
func breaking(t *testing.T, dsn, text string, times int32) (string, *atomic.Int32) {
	target, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	path := target.Path
	target.Path = ""
	proxy := httputil.NewSingleHostReverseProxy(target)
	transport := &http.Transport{}
	proxy.Transport = transport
	t.Cleanup(transport.CloseIdleConnections)
	var broken atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), text) && broken.Load() < times {
			broken.Add(1)
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + path, &broken
}
