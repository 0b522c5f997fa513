package cli

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// output is standard error of a command that runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// serving runs serve until the test ends or stop is called, which returns the exit code.
func serving(t *testing.T, env map[string]string, args ...string) (root string, log *output, stop func() int) {
	t.Helper()
	log = &output{}
	a := newApp(strings.NewReader(""), io.Discard, log, func(name string) string { return env[name] })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { ended <- a.run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)) }()
	stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { stop() })
	at := regexp.MustCompile(`https?://\S+`)
	testserver.Eventually(t, 20*time.Second, func() bool { root = at.FindString(log.String()); return root != "" }, "%v", log)
	return root, log, stop
}

func fetch(t *testing.T, address string) (code int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func TestServe(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	if err := clitest.Create(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	if err := clitest.Write(t.Context(), dsn, clitest.Rows()...); err != nil {
		t.Fatal(err)
	}
	root, log, stop := serving(t, map[string]string{"ACTIVITYLOG_DSN": dsn})
	if code, body := fetch(t, root); code != 200 || !strings.Contains(body, "<table") {
		t.Errorf("the page: got %d: %s", code, body)
	}
	if code, body := fetch(t, root+"api/v1/activities?limit=1"); code != 200 || !strings.Contains(body, `"next"`) {
		t.Errorf("the API: got %d: %s", code, body)
	}
	if code := stop(); code != exitOK {
		t.Errorf("got the exit code %d: %s", code, log)
	}
}

// Mistakes end the command before anything is served, and say what to do.
func TestServeMistakes(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	if err := clitest.Create(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"--listen :0": {exitUsage, `--listen :0 can be reached from other computers, so it needs --auth: "basic:FILE", "header:NAME" or "oidc"`},
		"--listen 127.0.0.1:0 --auth basic:nothing":                      {exitFailed, "read the passwords of --auth basic: open nothing: no such file"},
		"--listen 127.0.0.1:0 --auth header:X":                           {exitUsage, "needs --trusted-proxies"},
		"--listen 127.0.0.1:0 --auth header:X --trusted-proxies example": {exitUsage, `--trusted-proxies must be addresses such as "127.0.0.1" or "10.0.0.0/8"; got "example"`},
		"--trace-url javascript:alert(1)":                                {exitUsage, "the URL of traces must begin with http:// or https://"},
		"--trace-url http://localhost/trace":                             {exitUsage, "the URL of traces must have {trace_id}"},
		"--timeout 0s":                                                   {exitUsage, "the timeout must be longer than 0"},
		"--tls-cert x":                                                   {exitUsage, "--tls-cert and --tls-key must be given together"},
		"--oidc-client-secret-file nothing":                              {exitUsage, "read the client's secret"},
		"--dsn file:nothing.db":                                          {exitDatabase, "open the database of --dsn"},
		"extra":                                                          {exitUsage, "takes no arguments"},
	} {
		log := &output{}
		a := newApp(strings.NewReader(""), io.Discard, log, func(name string) string { return map[string]string{"ACTIVITYLOG_DSN": dsn}[name] })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if code := a.run(ctx, append([]string{"serve"}, strings.Fields(args)...)); code != want.code || !strings.Contains(log.String(), want.text) {
			t.Errorf("%s: got %d: %s, want %d: %s", args, code, log, want.code, want.text)
		}
		cancel()
	}
}

// TestServeRecords has the real collector write who looked at the log, into the log.
func TestServeRecords(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	for _, variable := range c.OTLPEnv() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	testserver.Eventually(t, 20*time.Second, func() bool { // the table is there
		_, err := db.ExecContext(t.Context(), "SELECT 1 FROM activity_log")
		return err == nil
	})
	root, log, stop := serving(t, map[string]string{"ACTIVITYLOG_DSN": dsn}, "--record")
	fetch(t, root+"?actor_id=nobody")
	fetch(t, root+"assets/style.css")
	if code := stop(); code != exitOK {
		t.Errorf("got the exit code %d: %s", code, log)
	}
	var rows int
	testserver.Eventually(t, 20*time.Second, func() bool {
		const query = `SELECT count(*) FROM activity_log WHERE action_type = 'Read' AND action_name = 'activitylog list' AND service_name = 'activitylog' AND data LIKE '%actor_id=nobody%'`
		return db.QueryRowContext(t.Context(), query).Scan(&rows) == nil && rows > 0
	}, "%v", log)
	time.Sleep(time.Second)
	var all int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&all); err != nil || all != 1 {
		t.Errorf("got %d rows, %v, want the one view", all, err)
	}
}
