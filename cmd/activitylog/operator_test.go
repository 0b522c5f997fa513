package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// operatorCommands are the commands of the scripts about an operator's work.
var operatorCommands = map[string]func(*testscript.TestScript, bool, []string){
	"letter": letter, "lines": lines, "collector": fakeCollector, "statements": statements, "as": as, "zstd": zstandard,
}

// statements runs each line of a file: "statements grants.sql".
func statements(ts *testscript.TestScript, _ bool, args []string) {
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		ts.Check(clitest.Exec(context.Background(), ts.Getenv("ACTIVITYLOG_DSN"), line))
	}
}

// zstandard compresses a file: "zstd story.jsonl" makes story.jsonl.zst.
func zstandard(ts *testscript.TestScript, _ bool, args []string) {
	encoder, err := zstd.NewWriter(nil)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".zst"), encoder.EncodeAll([]byte(ts.ReadFile(args[0])), nil), 0o600))
}

// as sets another account of PostgreSQL, or MariaDB, in ACTIVITYLOG_DSN: "as auditor password".
func as(ts *testscript.TestScript, _ bool, args []string) {
	dsn := ts.Getenv("ACTIVITYLOG_DSN")
	if sqldsn.Kind(dsn) == sqldsn.MySQL {
		ts.Setenv("ACTIVITYLOG_DSN", args[0]+":"+args[1]+dsn[strings.LastIndexByte(dsn, '@'):])
		return
	}
	u, err := url.Parse(dsn)
	ts.Check(err)
	u.User = url.UserPassword(args[0], args[1])
	ts.Setenv("ACTIVITYLOG_DSN", u.String())
}

// letter makes a dead letter of a row of the story: "letter 1 'constraint failed'". With
// a third argument, the table has the row with this actor_id.
func letter(ts *testscript.TestScript, _ bool, args []string) {
	var n int
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	r := clitest.Rows()[n]
	dsn := ts.Getenv("ACTIVITYLOG_DSN")
	if len(args) > 2 {
		other := r
		other.ActorID = args[2]
		ts.Check(clitest.Write(context.Background(), dsn, other))
	}
	at := r.ActionTime
	r.ActionTime = r.ActionTime.Truncate(0)
	text, err := json.Marshal(r)
	ts.Check(err)
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	ts.Check(clitest.Exec(context.Background(), dsn, "INSERT INTO activity_log_dead_letter (event_id, action_time, reason, record) VALUES ("+
		strings.Join([]string{quote(r.EventID.String()), quote(at.UTC().Format("2006-01-02 15:04:05.000000")), quote(args[1]), quote(string(text))}, ", ")+")"))
	ts.Setenv("ID"+args[0], r.EventID.String())
}

// lines writes the rows of the story to a file, as an export: "lines story.jsonl".
func lines(ts *testscript.TestScript, _ bool, args []string) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	for i, r := range clitest.Rows() {
		ts.Setenv(fmt.Sprint("ID", i), r.EventID.String())
		ts.Check(encoder.Encode(r))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text.String()), 0o600))
}

// fakeCollector starts what answers as a collector: "collector 200 metrics.txt". Its URL is
// in $COLLECTOR, and that of its metrics in $METRICS.
func fakeCollector(ts *testscript.TestScript, _ bool, args []string) {
	metrics := ts.ReadFile(args[1])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			_, _ = w.Write([]byte(metrics))
			return
		}
		var status int
		_, _ = fmt.Sscan(args[0], &status)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"status":"of the test"}`))
	}))
	ts.Defer(server.Close)
	ts.Setenv("COLLECTOR", server.URL)
	ts.Setenv("METRICS", server.URL+"/metrics")
}
