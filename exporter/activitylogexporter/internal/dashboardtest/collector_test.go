package dashboardtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

var metric = regexp.MustCompile(`\botelcol_\w+`)

// TestCollector runs collectors that do all that the dashboard about them shows,
// and a Prometheus that scrapes them: each query has an answer.
func TestCollector(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		testserver.Missing(t, "there is no prometheus (apt-get install prometheus)")
	}
	queries := queries(t)
	postgres, clickhouse := dashboardtest.Databases["postgres"](t), dashboardtest.Databases["clickhouse"](t)
	if _, err := postgres.DB.ExecContext(t.Context(), "ALTER TABLE activity_log ADD CHECK (actor_id <> 'refused')"); err != nil {
		t.Fatal(err)
	}
	collectors := []*collectortest.Collector{startCollector(t, "postgres", postgres.DSN), startCollector(t, "clickhouse", clickhouse.DSN)}
	address := startPrometheus(t, program, collectors)
	work(t, collectors, func() bool {
		for name, query := range queries {
			if n, err := results(t.Context(), address, query); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, query)
			} else if n > 0 {
				delete(queries, name)
			}
		}
		return len(queries) == 0
	})
	var shown strings.Builder
	for _, c := range collectors {
		text, err := c.ReadMetrics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shown.WriteString(text)
	}
	for name, query := range queries {
		t.Errorf("%s has no answer:\n%s", name, query)
		for _, m := range metric.FindAllString(query, -1) {
			if !strings.Contains(shown.String(), "\n"+m) {
				t.Errorf("there is no metric %s", m)
			}
		}
	}
}

// queries are those of the dashboard and of the alerts that ask Prometheus.
func queries(t *testing.T) map[string]string {
	t.Helper()
	panels, err := dashboardtest.Panels("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := dashboardtest.Rules("postgres")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, p := range panels {
		for i, target := range p.Targets {
			found[fmt.Sprint(p.Title, " ", i)] = strings.ReplaceAll(target.Expr, "$__rate_interval", "10s")
		}
	}
	for _, rule := range rules {
		if expr := rule.Data[0].Model.Expr; expr != "" && !strings.Contains(expr, "unless") { // that has no value while all is well
			found["alert "+rule.Title] = expr
		}
	}
	if len(found) < 15 {
		t.Fatalf("%d queries", len(found))
	}
	return found
}

func startCollector(t *testing.T, driver, dsn string) *collectortest.Collector {
	return collectortest.Start(t, collectortest.Config{Driver: driver, DSN: dsn, Args: []string{
		`--config=yaml:processors::activity::rules: [{name: health, routes: [/healthz], level: none}, ` +
			`{name: parses, match: ['ParseJSON(attributes["doc"])["a"] == "b"'], level: none}, {preset: http_server}]`}})
}

// work sends what makes each metric move, until it is enough.
func work(t *testing.T, collectors []*collectortest.Collector, enough func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for n := 1; !enough() && time.Now().Before(deadline); n++ {
		for _, c := range collectors {
			post(t, c.HTTP, "logs", fmt.Sprintf(`{"resourceLogs":[{"resource":%s,"scopeLogs":[{"logRecords":[%s,%s,%s]}]}]}`, blog,
				record(n, 1, "alice"), record(0, 1, "alice"), record(n, 2, "refused")))
			post(t, c.HTTP, "traces", fmt.Sprintf(`{"resourceSpans":[{"resource":%s,"scopeSpans":[{"spans":[%s,%s,%s]}]}]}`, blog,
				span(n, 1, "GET", "/healthz"), span(n, 2, "GET", "/articles"), span(n, 3, "POST", "/articles")))
		}
		time.Sleep(500 * time.Millisecond)
	}
}

const blog = `{"attributes":[{"key":"service.name","value":{"stringValue":"blog"}}]}`

func text(key, value string) string {
	return fmt.Sprintf(`{"key":%q,"value":{"stringValue":%q}}`, key, value)
}

func record(n, kind int, actor string) string {
	return fmt.Sprintf(`{"timeUnixNano":"%d","attributes":[%s,%s,%s,%s]}`, time.Now().UnixNano(), text("activity.action.type", "Update"),
		text("activity.id", fmt.Sprintf("019a8f6e-5c1b-7c3a-9f1%d-%012x", kind, n)), text("activity.actor.id", actor), text("doc", "no JSON"))
}

func span(n, kind int, method, route string) string {
	now := time.Now().UnixNano()
	return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x","name":"x","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[%s,%s,%s]}`,
		n*10+kind, n*10+kind, now, now, text("http.request.method", method), text("http.route", route), text("doc", "no JSON"))
}

func post(t *testing.T, address, signal, body string) {
	t.Helper()
	response, err := http.Post("http://"+address+"/v1/"+signal, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", signal, response.Status)
	}
}

// startPrometheus starts one that scrapes the collectors each second.
func startPrometheus(t *testing.T, program string, collectors []*collectortest.Collector) (address string) {
	t.Helper()
	var targets []string
	for _, c := range collectors {
		targets = append(targets, fmt.Sprintf("%q", c.Metrics))
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	config := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: activitylog, static_configs: [{targets: [%s]}]}]\n",
		strings.Join(targets, ", "))
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address = testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	var log bytes.Buffer
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
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if response, err := http.Get("http://" + address + "/-/ready"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return address
			}
		}
	}
	t.Fatal("Prometheus is not ready after 30 s")
	return ""
}

// results is how many series a query has now that are numbers.
func results(ctx context.Context, address, query string) (n int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, fmt.Errorf("prometheus refuses: %s", answer.Error)
	}
	for _, series := range answer.Data.Result {
		if series.Value[1] != "NaN" {
			n++
		}
	}
	return n, nil
}
