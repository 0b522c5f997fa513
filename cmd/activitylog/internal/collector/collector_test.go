package collector

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

func TestParse(t *testing.T) {
	got := parse(strings.Join([]string{
		"# HELP otelcol_a Help", "# TYPE otelcol_a counter", "otelcol_a 1", `otelcol_a{x="1"} 2`, `otelcol_a{x="a} b",y="2"} 4 1700000000000`,
		"otelcol_b_total 1.5e+03", "otelcol_c NaN-", "otelcol_d", "", "go_info 1", `otelcol_e{x="\"}"} 8`, "otelcol_f +Inf",
	}, "\n"))
	for name, want := range map[string]float64{"otelcol_a": 7, "otelcol_b": 1500, "otelcol_e": 8} {
		if got[name] != want {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
	for _, name := range []string{"otelcol_c", "otelcol_d", "go_info", "otelcol_b_total"} {
		if _, ok := got[name]; ok {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestQueue(t *testing.T) {
	for _, c := range []struct {
		bytes, age float64
		want       operate.Level
	}{
		{0, 0, operate.OK}, {499, 299, operate.OK}, {500, 0, operate.Warn}, {0, 301, operate.Warn}, {899, 0, operate.Warn}, {900, 0, operate.Fail}, {1000, 1e4, operate.Fail},
	} {
		got := values{ofExporter + "queue_requests": 1, ofExporter + "queue_bytes": c.bytes, ofExporter + "queue_capacity": 1000, ofExporter + "queue_oldest_age": c.age}.queue()
		if got.Level != c.want || (got.Todo != "") != (c.want != operate.OK) {
			t.Errorf("%v bytes, %v s: got %+v, want %s", c.bytes, c.age, got, c.want)
		}
	}
	if got := (values{}).queue(); got.Level != operate.Warn || !strings.Contains(got.Text, "no exporter activitylog") {
		t.Errorf("without an exporter: got %+v", got)
	}
}

func TestCounters(t *testing.T) {
	for name, c := range map[string]struct {
		finding func(values) operate.Finding
		names   []string
		want    operate.Level
	}{
		"lost":     {values.lost, []string{ofExporter + "queue_lost", ofExporter + "queue_set_aside"}, operate.Fail},
		"rejected": {values.rejected, []string{ofExporter + "rows_dead_lettered", ofExporter + "rows_conflicting"}, operate.Warn},
		"refused": {values.refused, []string{"otelcol_extension_activity_guard_refused", "otelcol_processor_activity_requests_refused",
			"otelcol_receiver_refused_spans", "otelcol_receiver_refused_log_records", ofExporter + "queue_rejected"}, operate.Warn},
	} {
		if got := c.finding(values{"otelcol_other": 1}); got.Level != operate.OK || got.Todo != "" {
			t.Errorf("%s: got %+v", name, got)
		}
		for _, metric := range c.names {
			if got := c.finding(values{metric: 3}); got.Level != c.want || !strings.Contains(got.Text, "3") || got.Todo == "" {
				t.Errorf("%s, %s: got %+v, want %s", name, metric, got, c.want)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	status, metrics, metricsStatus := 200, "otelcol_exporter_activitylog_queue_requests 0\n", 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			w.WriteHeader(metricsStatus)
			_, _ = fmt.Fprint(w, metrics)
			return
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, "why it is so")
	}))
	defer server.Close()
	check := func(want ...operate.Level) []operate.Finding {
		t.Helper()
		got := Check(t.Context(), server.URL, server.URL+"/metrics")
		if len(got) != len(want) {
			t.Fatalf("got %+v, want %v", got, want)
		}
		for i := range want {
			if got[i].Level != want[i] {
				t.Errorf("got %+v, want %v", got, want)
			}
		}
		return got
	}
	ok := operate.OK
	check(ok, ok, ok, ok, ok)
	status = 503
	if got := check(operate.Fail, ok, ok, ok, ok); !strings.Contains(got[0].Text, "503: why it is so") {
		t.Errorf("got %+v", got[0])
	}
	status, metricsStatus = 200, 404
	if got := check(ok, operate.Warn); !strings.Contains(got[1].Text, "it answers 404") {
		t.Errorf("got %+v", got[1])
	}
	metricsStatus, metrics = 200, "<html>"
	check(ok, operate.Warn)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := Check(ctx, "http://user:s3cret@"+strings.TrimPrefix(server.URL, "http://"), "http://user:s3cret@127.0.0.1:1/metrics")
	if len(got) != 2 || operate.Worst(got) != operate.Fail || strings.Contains(fmt.Sprint(got), "s3cret") {
		t.Errorf("got %+v", got)
	}
}

func TestMetricsURL(t *testing.T) {
	for health, want := range map[string]string{
		"http://127.0.0.1:13133": "http://127.0.0.1:8888/metrics", "https://collector.example.com/": "https://collector.example.com:8888/metrics",
		"http://[::1]:13133/health": "http://[::1]:8888/metrics", "http://user:s3cret@h:1": "http://h:8888/metrics",
	} {
		if got, err := MetricsURL(health); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", health, got, err, want)
		}
	}
	for _, wrong := range []string{"", "127.0.0.1:13133", "collector", "ftp://user:s3cret@h", "http://", "http://user:s3cret@h:a b"} {
		if _, err := MetricsURL(wrong); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
}
