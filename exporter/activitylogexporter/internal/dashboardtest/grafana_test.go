//go:build grafana

package dashboardtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// grafana is a Grafana that is provisioned with the files for a database.
type grafana struct {
	url string
	log *process.Log
}

// startGrafana starts Grafana from the folder that ACTIVITYLOG_GRAFANA names, which
// scripts/grafana.sh made, with the provisioning files as they are but for the
// names of plugins that were others in 2023.
func startGrafana(t testing.TB, name string, env ...string) grafana {
	t.Helper()
	home := os.Getenv("ACTIVITYLOG_GRAFANA")
	if home == "" {
		t.Fatal("ACTIVITYLOG_GRAFANA does not name the folder of a Grafana: make test-grafana does it all")
	}
	dashboards, err := filepath.Abs(dashboardtest.Folder)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	older(t, filepath.Join(dashboards, "provisioning", name), filepath.Join(dir, "provisioning"))
	older(t, filepath.Join(dashboards, name), filepath.Join(dir, "dashboards", name))
	older(t, filepath.Join(dashboards, "prometheus"), filepath.Join(dir, "dashboards", "prometheus"))
	for _, kind := range []string{"plugins", "notifiers"} { // of which we have none
		if err := os.Mkdir(filepath.Join(dir, "provisioning", kind), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	addr := testserver.FreeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	g := grafana{"http://" + addr, &process.Log{}}
	cmd := exec.Command(filepath.Join(home, "bin", "grafana"), "server", "--homepath", home)
	cmd.Env = append(os.Environ(), "GF_SERVER_HTTP_ADDR=127.0.0.1", "GF_SERVER_HTTP_PORT="+port,
		"GF_PATHS_DATA="+filepath.Join(dir, "data"), "GF_PATHS_LOGS="+filepath.Join(dir, "logs"), "GF_PATHS_PLUGINS="+filepath.Join(dir, "plugins"),
		"GF_PATHS_PROVISIONING="+filepath.Join(dir, "provisioning"), "ACTIVITYLOG_DASHBOARDS="+filepath.Join(dir, "dashboards"),
		"GF_ANALYTICS_REPORTING_ENABLED=false", "GF_ANALYTICS_CHECK_FOR_UPDATES=false", "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false",
		"GF_AUTH_ANONYMOUS_ENABLED=true", "GF_AUTH_ANONYMOUS_ORG_ROLE=Admin", "GF_NEWS_NEWS_FEED_ENABLED=false",
		"GF_DASHBOARDS_MIN_REFRESH_INTERVAL=1s", "GF_LOG_LEVEL=info", "GF_DATABASE_WAL=true", "ACTIVITYLOG_PROMETHEUS_URL=http://127.0.0.1:1")
	cmd.Env = append(cmd.Env, env...)
	running, err := process.Start(cmd, g.log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		running.Kill()
		if t.Failed() {
			t.Logf("the end of Grafana's log:\n%s", g.log.Tail(60))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := running.WaitUntil(ctx, func(ctx context.Context) error { return g.get(ctx, "/api/health", nil) }); err != nil {
		t.Fatal(err)
	}
	return g
}

// older copies a folder of files for Grafana of today to one for that of 2023.
func older(t testing.TB, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("grafana-postgresql-datasource"), []byte("postgres"))
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		t.Fatalf("copy %s: %v", from, err)
	}
}

func (g grafana) get(ctx context.Context, path string, into any) error {
	return g.do(ctx, http.MethodGet, path, nil, into)
}

func (g grafana) do(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, g.url+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// access is how Grafana's environment names a database.
func access(t testing.TB, name, dsn string) []string {
	t.Helper()
	if name == "mysql" { // user:password@tcp(host:port)/name
		account, rest, _ := strings.Cut(dsn, "@tcp(")
		user, password, _ := strings.Cut(account, ":")
		address, database, _ := strings.Cut(rest, ")/")
		database, _, _ = strings.Cut(database, "?")
		return []string{"ACTIVITYLOG_DB_ADDRESS=" + address, "ACTIVITYLOG_DB_NAME=" + database,
			"ACTIVITYLOG_DB_USER=" + user, "ACTIVITYLOG_DB_PASSWORD=" + password}
	}
	parsed, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := parsed.User.Password()
	return []string{"ACTIVITYLOG_DB_ADDRESS=" + parsed.Host, "ACTIVITYLOG_DB_NAME=" + strings.TrimPrefix(parsed.Path, "/"),
		"ACTIVITYLOG_DB_USER=" + parsed.User.Username(), "ACTIVITYLOG_DB_PASSWORD=" + password, "ACTIVITYLOG_DB_SSLMODE=disable"}
}

// TestGrafana has Grafana itself ask what each panel asks, and compares its answers
// with those of TestPanels: that our expansion of its macros is its own.
func TestGrafana(t *testing.T) {
	rows := dashboardtest.Rows(4000, 40, 25)
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			database := dashboardtest.Databases[name](t)
			database.Write(t, rows)
			g := startGrafana(t, name, access(t, name, database.DSN)...)
			panels, err := dashboardtest.Panels(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range panels {
				t.Run(p.Name(), func(t *testing.T) {
					columns, want := ask(t, database.DB, name, view, p.SQL())
					got := g.ask(t, name, p, view, columns)
					compare(t, got, toTheMillisecond(columns, want))
				})
			}
			g.provisioned(t, name)
			g.alerts(t)
		})
	}
}

// toTheMillisecond cuts times, as Grafana does.
func toTheMillisecond(columns []string, lines [][]string) [][]string {
	for _, line := range lines {
		for i, column := range columns {
			if isTime(column) && line[i] != null {
				line[i] = line[i][:len(line[i])-3] + "000"
			}
		}
	}
	return lines
}

// frame is a table in the answer of a data source, column by column.
type frame struct {
	Schema struct {
		Fields []struct {
			Name   string
			Labels map[string]string
		}
	}
	Data struct{ Values [][]any }
}

// ask has Grafana run a panel's query. Variables are the browser's, who is not
// here, so they are replaced before.
func (g grafana) ask(t testing.TB, name string, p dashboardtest.Panel, v dashboardtest.View, columns []string) (lines [][]string) {
	t.Helper()
	sql, err := v.Variable(p.SQL())
	if err != nil {
		t.Fatal(err)
	}
	query := map[string]any{
		"refId": "A", "datasource": map[string]string{"uid": "activitylog-" + name}, "rawSql": sql, "rawQuery": true,
		"format": p.Targets[0].Format, "intervalMs": v.Interval.Milliseconds(), "maxDataPoints": 1000,
	}
	answer := struct {
		Results map[string]struct {
			Error  string
			Frames []frame
		}
	}{}
	if err := g.do(t.Context(), http.MethodPost, "/api/ds/query", map[string]any{
		"queries": []any{query}, "from": fmt.Sprint(v.From.UnixMilli()), "to": fmt.Sprint(v.To.UnixMilli()),
	}, &answer); err != nil {
		t.Fatal(err)
	}
	result := answer.Results["A"]
	if result.Error != "" {
		t.Fatal(result.Error)
	}
	for _, f := range result.Frames {
		lines = append(lines, f.lines(t, columns)...)
	}
	return lines
}

// lines makes the database's lines of a frame again: a graph's frame has a field
// for each series.
func (f frame) lines(t testing.TB, columns []string) (lines [][]string) {
	t.Helper()
	graph := len(columns) == 3 && columns[1] == "series"
	if !graph && len(f.Schema.Fields) != len(columns) {
		t.Fatalf("%d columns, want %v", len(f.Schema.Fields), columns)
	}
	for n := range f.Data.Values[0] {
		line := make([]string, 0, len(columns))
		for i, field := range f.Schema.Fields {
			name := field.Name // which Grafana gives to series
			if !graph {
				name = columns[i]
			}
			text := decoded(name, f.Data.Values[i][n])
			switch series, labelled := field.Labels["series"]; {
			case !graph:
				line = append(line, text)
			case labelled && text != null:
				lines = append(lines, []string{decoded("time", f.Data.Values[0][n]), series, text})
			case i > 0 && !labelled:
				t.Fatalf("%s is a series without a name", field.Name)
			}
		}
		if !graph {
			lines = append(lines, line)
		}
	}
	return lines
}

// decoded is a cell of a frame: times are milliseconds there.
func decoded(column string, v any) string {
	if ms, isNumber := v.(float64); isNumber && isTime(column) {
		return shown(time.UnixMilli(int64(ms)))
	}
	return cell(column, v)
}

// provisioned checks that Grafana has all our files, and found nothing wrong.
func (g grafana) provisioned(t *testing.T, name string) {
	t.Helper()
	var found []struct{ UID string }
	if err := g.get(t.Context(), "/api/search?type=dash-db", &found); err != nil {
		t.Fatal(err)
	}
	var boards []string
	for _, board := range found {
		boards = append(boards, board.UID)
	}
	slices.Sort(boards)
	prefix := "activitylog-" + name + "-"
	want := []string{prefix + "actor", prefix + "object", prefix + "overview", prefix + "security", prefix + "trace", "activitylog-prometheus-collector"}
	slices.Sort(want)
	if !slices.Equal(boards, want) {
		t.Errorf("dashboards %v, want %v", boards, want)
	}
	var rules []struct{ Title string }
	if err := g.get(t.Context(), "/api/v1/provisioning/alert-rules", &rules); err != nil {
		t.Fatal(err)
	}
	if ours, err := dashboardtest.Rules(name); err != nil || len(rules) != len(ours) {
		t.Errorf("%d alert rules, want %d (%v)", len(rules), len(ours), err)
	}
	for line := range strings.SplitSeq(g.log.String(), "\n") {
		bad := strings.Contains(line, "level=error") || strings.Contains(line, "level=warn") && strings.Contains(line, "provision")
		// There is no browser, and on a busy machine two services of Grafana want its own file at once.
		if bad && !strings.Contains(line, "public/build") && !strings.Contains(line, "logger=secret.migration") {
			t.Errorf("Grafana says: %s", line)
		}
	}
}

// alerts waits until Grafana has evaluated the rules that ask the database, which
// it does each minute.
func (g grafana) alerts(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		answer := struct {
			Data struct {
				Groups []struct {
					Rules []struct{ Name, Health, LastError string }
				}
			}
		}{}
		if err := g.get(t.Context(), "/api/prometheus/grafana/api/v1/rules", &answer); err != nil {
			t.Fatal(err)
		}
		health := map[string]string{}
		for _, group := range answer.Data.Groups {
			for _, rule := range group.Rules {
				health[rule.Name] = rule.Health
				if rule.Health == "error" && strings.Contains(rule.LastError, "127.0.0.1:1") {
					health[rule.Name] = "no Prometheus"
				}
			}
		}
		want := map[string]string{
			"Failed-login burst": "ok", "Dead letters": "ok", "Rows come late": "ok", "The collector is down": "no Prometheus",
			"Activities wait, and none is written": "no Prometheus", "Dead letters (collector)": "no Prometheus",
		}
		if maps.Equal(health, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("alert rules: %v, want %v", health, want)
			return
		}
		time.Sleep(time.Second)
	}
}
