package web

import (
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"golang.org/x/crypto/bcrypt"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

// step is one request and what must come of it. Steps build on one another.
type step struct {
	who, method, path, body string
	status                  int
	contains                string // in the response body
	activity                string // "type status object-type object-id"; "" is none
}

const (
	alice = `{"username":"alice","password":"wonderland"}`
	bob   = `{"username":"bob","password":"builder"}`
	admin = `{"username":"admin","password":"looking-glass"}`
)

var steps = []step{
	{"", "GET", "/ping", "", 200, "pong", ""},
	{"", "GET", "/api/articles", "", 200, "rabbit hole", ""},
	{"", "GET", "/api/articles/1", "", 200, `"author":"alice"`, ""},
	{"", "GET", "/api/posts/hello-world", "", 200, "first post", ""},
	{"", "POST", "/api/articles", `{"title":"t","body":"b"}`, 401, `{"error":"login required"}`, "Create Failed article "},
	{"", "POST", "/api/login", "no JSON", 400, "error", ""},
	{"", "POST", "/api/login", `{"username":"alice","password":"x"}`, 401, "wrong name or password", "Login Failed Failed session "},
	{"", "POST", "/api/login", `{"username":"nobody","password":"x"}`, 401, "wrong name or password", "Login Failed Failed session "},
	{"alice", "POST", "/api/login", alice, 200, `"name":"alice"`, "Login Success session "},
	{"bob", "POST", "/api/login", bob, 200, `"name":"bob"`, "Login Success session "},
	{"admin", "POST", "/api/login", admin, 200, `"name":"admin"`, "Login Success session "},
	{"alice", "GET", "/ping", "", 200, "pong", ""},
	{"alice", "POST", "/api/articles", `{"title":"t","body":"b"}`, 201, `"id":3`, "Create Success article 3"},
	{"alice", "POST", "/api/articles", `{"title":"t"}`, 400, "must not be empty", "Create Failed article "},
	{"alice", "POST", "/api/articles", `{"titel":"t"}`, 400, "unknown field", "Create Failed article "},
	{"alice", "POST", "/api/articles", `{"title":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too large", "Create Failed article "},
	{"alice", "PUT", "/api/articles/3", `{"title":"t2","body":"b2"}`, 200, `"t2"`, "Update Success article 3"},
	{"alice", "PATCH", "/api/articles/3", `{"body":"b3"}`, 200, `"b3"`, "Update Success article 3"},
	{"alice", "PATCH", "/api/articles/3", `{"body":""}`, 400, "must not be empty", "Update Failed article 3"},
	{"bob", "PUT", "/api/articles/3", `{"title":"x","body":"x"}`, 403, "not your article", "Update Failed article 3"},
	{"bob", "DELETE", "/api/articles/3", "", 403, "not your article", "Delete Failed article 3"},
	{"bob", "GET", "/api/articles/99", "", 404, "not found", "Read Failed article 99"},
	{"bob", "GET", "/api/articles/abc", "", 404, "not found", "Read Failed article abc"},
	{"bob", "GET", "/api/posts", "", 200, "hello-world", "Read Success post "},
	{"alice", "DELETE", "/api/articles/3", "", 204, "", "Delete Success article 3"},
	{"alice", "DELETE", "/api/articles/3", "", 404, "not found", "Delete Failed article 3"},
	{"alice", "DELETE", "/api/users/2", "", 403, "admins only", "Delete Failed user 2"},
	{"admin", "DELETE", "/api/users/3", "", 409, "their own", "Delete Failed user 3"},
	{"admin", "DELETE", "/api/users/2", "", 204, "", "Delete Success user 2"},
	{"bob", "POST", "/api/articles", `{"title":"t","body":"b"}`, 401, "login required", "Create Failed article "},
	{"", "GET", "/api/articles/2", "", 200, `"author":""`, ""},
	{"alice", "POST", "/api/logout", "", 204, "", "Logout Success session "},
	{"alice", "POST", "/api/logout", "", 401, "login required", "Logout Failed session "},
}

func TestServer(t *testing.T) {
	recorded := record(t)
	url := serve(t, Config{})
	clients := map[string]*http.Client{}
	for _, step := range steps {
		if clients[step.who] == nil {
			jar, _ := cookiejar.New(nil)
			clients[step.who] = &http.Client{Jar: jar}
		}
		name := strings.TrimSpace(step.who + " " + step.method + " " + step.path)
		status, body := do(t, clients[step.who], step.method, url+step.path, step.body, nil)
		if status != step.status || !strings.Contains(body, step.contains) {
			t.Errorf("%s: got %d %s, want %d with %q", name, status, body, step.status, step.contains)
		}
		var want []string
		if step.activity != "" {
			want = []string{step.activity}
		}
		if got := take(recorded); !slices.Equal(got, want) {
			t.Errorf("%s: recorded %q, want %q", name, got, want)
		}
	}
}

// TestCrossOrigin checks that a page of another site cannot act for its reader.
func TestCrossOrigin(t *testing.T) {
	recorded := record(t)
	url := serve(t, Config{})
	status, body := do(t, http.DefaultClient, "POST", url+"/api/login", alice, http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if status != http.StatusForbidden || !strings.Contains(body, "cross-origin") {
		t.Errorf("got %d %s, want 403", status, body)
	}
	if got, want := take(recorded), []string{"Login Failed Failed session "}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// TestTrustedProxies checks whose X-Forwarded-For is believed: only that of the
// proxies in the configuration.
func TestTrustedProxies(t *testing.T) {
	recorded := record(t)
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, test := range []struct {
		trusted []netip.Prefix
		want    string
	}{{nil, "127.0.0.1"}, {loopback, "203.0.113.9"}} {
		url := serve(t, Config{TrustedProxies: test.trusted})
		do(t, http.DefaultClient, "POST", url+"/api/login", alice, http.Header{"X-Forwarded-For": {"192.0.2.1, 203.0.113.9"}})
		recorded.Want(t, activity.Activity{ClientAddress: test.want})
		recorded.Reset()
	}
}

// TestPanic checks that the panic is recorded and goes on.
func TestPanic(t *testing.T) {
	recorded := record(t)
	url := serve(t, Config{Debug: true})
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	do(t, client, "POST", url+"/api/login", alice, nil)
	if res, err := client.Get(url + "/api/panic"); err == nil {
		res.Body.Close()
		t.Errorf("GET /api/panic answered %s, want a broken connection", res.Status)
	}
	all := recorded.Wait(2) // or more: the client tries again
	if last := all[len(all)-1]; last.Status != activity.StatusFailed || last.ErrorType != "panic" {
		t.Errorf("recorded %+v, want a failed activity with the error type panic", last)
	}
}

// TestEachRouteIsRecorded finds a route that changes something without an activity.
func TestEachRouteIsRecorded(t *testing.T) {
	mux := &activitytest.Mux{}
	(&server{}).routes(mux)
	recorded := record(t)
	url := serve(t, Config{})
	activitytest.CoverRoutes(t, recorded, mux.Routes(), func(route activitytest.Route) {
		jar, _ := cookiejar.New(nil)
		client := &http.Client{Jar: jar}
		do(t, client, "POST", url+"/api/login", admin, nil)
		do(t, client, route.Method, url+route.Path("id", "99"), "{}", nil)
	})
}

func serve(t *testing.T, cfg Config) (url string) {
	data, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "blog.db"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	srv := httptest.NewUnstartedServer(NewServer(data, cfg))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // a panic's stack is not news here
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func do(t *testing.T, client *http.Client, method, url, body string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// record makes a recorder the place where the next server's activities go.
func record(t *testing.T) *activitytest.Recorder {
	rec := activitytest.NewRecorder()
	before := otel.GetLoggerProvider()
	otel.SetLoggerProvider(rec.LoggerProvider())
	t.Cleanup(func() { otel.SetLoggerProvider(before) })
	return rec
}

// take returns a line for each activity since the last take.
func take(rec *activitytest.Recorder) []string {
	var lines []string
	for _, a := range rec.Activities() {
		lines = append(lines, strings.Join([]string{string(a.ActionType), string(a.Status), a.Object.Type, a.Object.ID}, " "))
	}
	rec.Reset()
	return lines
}
