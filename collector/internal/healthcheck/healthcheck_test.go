package healthcheck

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// run runs the command, and returns its exit code and all that it wrote.
func run(t *testing.T, endpoint string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, endpoint, &out, &errs)
	return code, out.String(), errs.String()
}

func TestMain(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.WriteHeader(status)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	running := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := strings.Cut(running, ":")
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	away := strings.TrimPrefix(gone.URL, "http://")

	for name, test := range map[string]struct {
		endpoint string
		args     []string
		status   int
		code     int
		want     string // in what it writes, to stdout if the code is 0
	}{
		"healthy":                 {running, nil, 200, 0, "the collector at http://" + running + "/ takes requests"},
		"argument":                {away, []string{running}, 200, 0, "takes requests"},
		"listens everywhere":      {"0.0.0.0:" + port, nil, 200, 0, "http://127.0.0.1:" + port},
		"listens on each address": {":" + port, nil, 200, 0, "http://127.0.0.1:" + port},
		"unhealthy":               {running, nil, 503, 1, "answers 503 Service Unavailable, want 200"},
		"error":                   {running, nil, 500, 1, "answers 500"},
		"nobody there":            {away, nil, 200, 1, "connection refused"},
		"a URL":                   {"http://" + running, nil, 200, 2, "must be HOST:PORT"},
		"no port":                 {"127.0.0.1", nil, 200, 2, `got "127.0.0.1"`},
		"two arguments":           {"", []string{running, away}, 200, 2, "one HOST:PORT at most"},
		"unknown flag":            {"", []string{"-port", "1"}, 200, 2, "flag provided but not defined"},
		"bad duration":            {"", []string{"-timeout", "soon"}, 200, 2, "invalid value"},
	} {
		t.Run(name, func(t *testing.T) {
			status = test.status
			code, stdout, stderr := run(t, test.endpoint, test.args...)
			said := stderr
			if test.code == 0 {
				said = stdout
			}
			if code != test.code || !strings.Contains(said, test.want) {
				t.Errorf("exit code %d, want %d; stdout %q, stderr %q, want %q in it", code, test.code, stdout, stderr, test.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	code, _, stderr := run(t, "", "-h")
	if code != 0 || !strings.Contains(stderr, "HEALTH_ENDPOINT") || !strings.Contains(stderr, "-timeout") {
		t.Errorf("exit code %d, got %q", code, stderr)
	}
}

// TestTimeout asks a collector that does not answer.
func TestTimeout(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	began := time.Now()
	code, _, stderr := run(t, strings.TrimPrefix(server.URL, "http://"), "-timeout", "50ms")
	if code != 1 || !strings.Contains(stderr, "deadline exceeded") {
		t.Errorf("exit code %d, got %q", code, stderr)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAddress(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":               "http://127.0.0.1:13133/",
		"[::]:13133":     "http://[::1]:13133/",
		"[::1]:1":        "http://[::1]:1/",
		"localhost:2":    "http://localhost:2/",
		"192.0.2.7:3133": "http://192.0.2.7:3133/",
	} {
		if got, err := address(endpoint); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", endpoint, got, err, want)
		}
	}
}
