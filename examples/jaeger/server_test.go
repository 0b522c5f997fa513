package jaeger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// server is a Jaeger that keeps traces in memory.
type server struct {
	otlp string // OTLP/gRPC, host:port
	http string // its API, host:port
}

// startJaeger starts Jaeger's all-in-one on free ports, all of them on loopback.
func startJaeger(t *testing.T) server {
	t.Helper()
	ports, err := process.FreeAddrs(7)
	if err != nil {
		t.Fatal(err)
	}
	s := server{otlp: ports[0], http: ports[1]}
	var log process.Log
	cmd := exec.Command(program(t),
		"--collector.otlp.grpc.host-port="+s.otlp, "--query.http-server.host-port="+s.http,
		"--collector.otlp.http.host-port="+ports[2], "--collector.grpc-server.host-port="+ports[3],
		"--collector.http-server.host-port="+ports[4], "--query.grpc-server.host-port="+ports[5],
		"--admin.http.host-port="+ports[6])
	running, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		running.Kill()
		if t.Failed() {
			t.Logf("the end of Jaeger's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := running.WaitUntil(ctx, func(ctx context.Context) error {
		_, err := s.get(ctx, "/api/services", nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// program returns the path of Jaeger: the environment variable ACTIVITYLOG_JAEGER,
// or bin/jaeger of this repository.
func program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("ACTIVITYLOG_JAEGER")
	if path == "" {
		path = filepath.Join("..", "..", "bin", "jaeger")
	}
	if _, err := os.Stat(path); err != nil {
		testserver.Missing(t, "there is no Jaeger (%v); build it (make jaeger)", err)
	}
	return path
}

// trace is a trace in the JSON of Jaeger's API.
type trace struct {
	ID    string `json:"traceID"`
	Spans []struct {
		ID   string `json:"spanID"`
		Tags []struct {
			Key   string `json:"key"`
			Value any    `json:"value"`
		} `json:"tags"`
	} `json:"spans"`
}

// span returns the tags of a span of the trace.
func (tr trace) span(t *testing.T, id string) map[string]any {
	t.Helper()
	for _, s := range tr.Spans {
		if s.ID == id {
			tags := map[string]any{}
			for _, tag := range s.Tags {
				tags[tag.Key] = tag.Value
			}
			return tags
		}
	}
	t.Fatalf("trace %s has no span %s", tr.ID, id)
	return nil
}

// search finds the traces of the blog with a span that has all tags, as the page
// Search does.
func (s server) search(t *testing.T, tags map[string]string) []trace {
	t.Helper()
	text, err := json.Marshal(tags)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.get(t.Context(), "/api/traces", url.Values{"service": {"blog"}, "tags": {string(text)}, "lookback": {"1h"}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// open returns the trace, as its page shows it.
func (s server) open(t *testing.T, id string) trace {
	t.Helper()
	found, err := s.get(t.Context(), "/api/traces/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("found: got %v, want %v of them", found, 1)
	}
	return found[0]
}

func (s server) get(ctx context.Context, path string, query url.Values) ([]trace, error) {
	address := url.URL{Scheme: "http", Host: s.http, Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: %s: %s", address.String(), res.Status, body)
	}
	answer := struct{ Data []json.RawMessage }{}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w", address.String(), err)
	}
	var found []trace
	for _, data := range answer.Data {
		var tr trace
		if json.Unmarshal(data, &tr) == nil { // a name of a service is none
			found = append(found, tr)
		}
	}
	return found, nil
}
