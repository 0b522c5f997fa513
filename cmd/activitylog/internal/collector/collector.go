// Package collector asks a collector how it is, by its health check and its metrics.
package collector

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

const (
	// timeout is that of a request.
	timeout = 5 * time.Second
	// metricsPort is the collector's default.
	metricsPort = "8888"
	// maxAnswer is the most that is read of an answer.
	maxAnswer = 16 << 20
)

// CheckURL returns an error, whose text goes on after a name, if a text is not the URL of a
// server.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// parseURL parses the URL of a server. No error has the text, which may have a password.
func parseURL(text string) (*url.URL, error) {
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return nil, errors.New(`must be a URL that begins with http:// or https://, such as "http://127.0.0.1:13133"`)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New(`has no host that can be read; it must be a URL such as "http://127.0.0.1:13133"`)
	}
	return u, nil
}

// MetricsURL returns the URL of the metrics of a collector whose health check is at a
// URL, if both have their default ports. Its error is that of [CheckURL].
func MetricsURL(health string) (string, error) {
	u, err := parseURL(health)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + net.JoinHostPort(u.Hostname(), metricsPort) + "/metrics", nil
}

// Check asks a collector.
func Check(ctx context.Context, health, metrics string) []operate.Finding {
	all := []operate.Finding{checkHealth(ctx, health)}
	text, status, err := get(ctx, metrics)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("it answers %d", status)
	}
	if err != nil {
		return append(all, operate.Finding{Level: operate.Warn, About: "collector's metrics", Text: fmt.Sprintf("no metrics from %s: %v", shown(metrics), err),
			Todo: "give their URL by --collector-metrics; METRICS_HOST and METRICS_PORT of the collector say where they are"})
	}
	values := parse(text)
	if len(values) == 0 {
		return append(all, operate.Finding{Level: operate.Warn, About: "collector's metrics", Text: shown(metrics) + " has no metrics of a collector",
			Todo: "give their URL by --collector-metrics"})
	}
	all[0].Text += "; its metrics are those of " + shown(metrics)
	return append(all, values.queue(), values.lost(), values.rejected(), values.refused())
}

func checkHealth(ctx context.Context, at string) operate.Finding {
	f := operate.Finding{Level: operate.OK, About: "collector", Text: "it runs"}
	text, status, err := get(ctx, at)
	switch {
	case err != nil:
		f.Level, f.Text = operate.Fail, fmt.Sprintf("no answer from %s: %v", shown(at), err)
		f.Todo = "start it, or give the URL of its health check (HEALTH_ENDPOINT) by --collector"
	case status != http.StatusOK:
		f.Level, f.Text = operate.Fail, fmt.Sprintf("it answers %d: %.200s", status, strings.TrimSpace(text))
		f.Todo = "read its log: a component is in trouble, or it is starting (docs/operate/monitor.md)"
	}
	return f
}

// shown returns a URL without its password.
func shown(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return "the URL"
	}
	return u.Redacted()
}

// get returns the answer of a URL. The error has no URL, which may have a password.
func get(ctx context.Context, at string) (text string, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return "", 0, fmt.Errorf("the URL cannot be read")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // what the client returns
			err = wrapped.Err
		}
		return "", 0, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return string(body), response.StatusCode, err
}

// values are sums of metrics by name.
type values map[string]float64

// parse reads metrics in Prometheus's text format. It keeps those of the collector.
func parse(text string) values {
	all := values{}
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		name, rest := line, ""
		if i := strings.IndexAny(line, "{ "); i >= 0 {
			name, rest = line[:i], line[i:]
		}
		if i := strings.LastIndexByte(rest, '}'); i >= 0 { // the end of the labels
			rest = rest[i+1:]
		}
		fields := strings.Fields(rest) // the value, and perhaps a time
		if !strings.HasPrefix(name, "otelcol_") || len(fields) == 0 {
			continue
		}
		if value, err := strconv.ParseFloat(fields[0], 64); err == nil {
			all[strings.TrimSuffix(name, "_total")] += value
		}
	}
	return all
}

const ofExporter = "otelcol_exporter_activitylog_"

// Bounds of the queue.
const (
	halfFull   = 0.5
	almostFull = 0.9
	longWait   = 5 * time.Minute
)

func (v values) queue() operate.Finding {
	f := operate.Finding{Level: operate.OK, About: "collector's queue"}
	requests, there := v[ofExporter+"queue_requests"]
	if !there {
		return operate.Finding{Level: operate.Warn, About: f.About, Text: "the collector has no exporter activitylog, or it has not begun", Todo: "look at its configuration"}
	}
	bytes, capacity := v[ofExporter+"queue_bytes"], v[ofExporter+"queue_capacity"]
	age := time.Duration(v[ofExporter+"queue_oldest_age"] * float64(time.Second))
	f.Text = fmt.Sprintf("%.0f requests, %.1f MB of %.0f MB, the oldest %v old", requests, bytes/1e6, capacity/1e6, age.Round(time.Second))
	switch full := bytes / max(capacity, 1); {
	case full >= almostFull:
		f.Level, f.Todo = operate.Fail, "fix the database, or raise queue::max_bytes at once: a full queue rejects what services send (docs/operate/outages.md)"
	case full >= halfFull || age > longWait:
		f.Level, f.Todo = operate.Warn, "the database is unreachable or too slow: read the log of the collector (docs/operate/monitor.md)"
	}
	return f
}

func (v values) lost() operate.Finding {
	if n := v[ofExporter+"queue_lost"] + v[ofExporter+"queue_set_aside"]; n > 0 {
		return operate.Finding{Level: operate.Fail, About: "collector's disk", Text: fmt.Sprintf("%.0f requests of the queue were damaged, lost or set aside", n),
			Todo: "read the log for the files, and check the disk; what could be kept is in the queue's folder \"damaged\""}
	}
	return operate.Finding{Level: operate.OK, About: "collector's disk", Text: "no damage to the queue"}
}

func (v values) rejected() operate.Finding {
	letters, conflicts := v[ofExporter+"rows_dead_lettered"], v[ofExporter+"rows_conflicting"]
	f := operate.Finding{Level: operate.OK, About: "collector's rows", Text: fmt.Sprintf("since its start %.0f dead letters and %.0f conflicts", letters, conflicts)}
	if letters+conflicts > 0 {
		f.Level, f.Todo = operate.Warn, `"activitylog dead-letters list" shows them`
	}
	return f
}

func (v values) refused() operate.Finding {
	n := v["otelcol_extension_activity_guard_refused"] + v["otelcol_processor_activity_requests_refused"] + v[ofExporter+"queue_rejected"]
	for name, value := range v {
		if strings.HasPrefix(name, "otelcol_receiver_refused_") {
			n += value
		}
	}
	f := operate.Finding{Level: operate.OK, About: "collector's senders", Text: fmt.Sprintf("since its start it refused %.0f requests, spans or log records", n)}
	if n > 0 {
		f.Level, f.Todo = operate.Warn, "read the log of the collector for who was refused, and why (docs/operate/monitor.md)"
	}
	return f
}
