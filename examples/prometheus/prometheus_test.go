// Package prometheus_test runs Debian's Prometheus against the real collector, and
// promtool against the alert rules.
package prometheus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// program returns the path of a program of Debian's package prometheus.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	testserver.Missing(t, "there is no %s (apt-get install prometheus)", name)
	return ""
}

func TestAlertRules(t *testing.T) {
	tool := program(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", "rules.yaml"},
		{"check", "config", "prometheus.yml"},
		{"test", "rules", "rules_test.yaml"},
	} {
		if output, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	}
}

// The values that Prometheus has of a collector that was sent one failed login
// twice, a request that is read, and one that a rule drops.
func TestScrape(t *testing.T) {
	binary := program(t, "prometheus")
	c := collectortest.Start(t, collectortest.Config{
		Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"),
		Args: []string{"--config=yaml:processors::activity::rules: [{name: health, routes: [/healthz], level: none}, {preset: http_server}]"},
	})
	now := fmt.Sprint(time.Now().UnixNano())
	login := otlpjson.Logs(otlpjson.Object{"timeUnixNano": now, "attributes": otlpjson.List{
		otlpjson.Text("activity.action.type", "Login Failed"), otlpjson.Text("activity.id", "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71")}})
	span := func(n int, path string) otlpjson.Object {
		return otlpjson.Object{
			"traceId": fmt.Sprintf("%032x", n), "spanId": fmt.Sprintf("%016x", n), "name": "GET", "kind": 2,
			"startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": otlpjson.List{
				otlpjson.Text("http.request.method", "GET"), otlpjson.Text("http.route", path), otlpjson.Text("user.id", "42")},
		}
	}
	for _, r := range []struct {
		signal  string
		request otlpjson.Object
	}{{"logs", login}, {"logs", login}, {"traces", otlpjson.Traces(span(1, "/articles"), span(2, "/healthz"))}} {
		if err := otlpjson.Post(t.Context(), c.HTTP, r.signal, r.request); err != nil {
			t.Fatal(err)
		}
	}
	server := startPrometheus(t, binary, c.Metrics)
	for query, want := range map[string]string{
		`up{job="activitylog"}`:                                                     "1",
		`otelcol_exporter_activitylog_rows_written`:                                 "2",
		`otelcol_exporter_activitylog_rows_duplicate`:                               "1",
		`sum(otelcol_exporter_activitylog_write_duration_count) > bool 0`:           "1",
		`otelcol_processor_activity_activities{action="Login Failed"}`:              "2",
		`otelcol_processor_activity_activities{source="derived"}`:                   "1",
		`otelcol_processor_activity_dropped{rule="health"}`:                         "1",
		`otelcol_processor_activity_requests_uncovered`:                             "0",
		`otelcol_exporter_activitylog_queue_requests{exporter="activitylog"}`:       "0",
		`otelcol_exporter_activitylog_queue_bytes{exporter="activitylog"} > bool 0`: "1",
		`otelcol_exporter_activitylog_queue_capacity{exporter="activitylog"}`:       "2147483648",
		`sum(otelcol_exporter_activitylog_queue_accepted{signal="logs"})`:           "2",
		`sum(otelcol_exporter_activitylog_queue_stored)`:                            "3",
		`count(ALERTS{alertname="ActivityCollectorDown"}) or vector(0)`:             "0",
	} {
		server.await(t, query, want)
	}
}

// prometheus is a server that scrapes a collector each second.
type prometheus struct{ address string }

func startPrometheus(t *testing.T, binary, metrics string) prometheus {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs("rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%s]\n"+
		"scrape_configs: [{job_name: activitylog, static_configs: [{targets: [%q]}]}]\n", rules, metrics)
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel() // kills it
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Prometheus says:\n%s", log.String())
		}
	})
	return prometheus{address}
}

// await waits until a query has the value.
func (p prometheus) await(t *testing.T, query, want string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		got, err := p.value(t.Context(), query)
		if err == nil && got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s is %q, want %s (%v)", query, got, want, err)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (p prometheus) value(ctx context.Context, query string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if len(answer.Data.Result) != 1 {
		return "", fmt.Errorf("%d values", len(answer.Data.Result))
	}
	return fmt.Sprint(answer.Data.Result[0].Value[1]), nil
}
