package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/bcrypt"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

var quiet = slog.New(slog.DiscardHandler)

// hello is a handler that says who asks.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	p, ok := PersonOf(r.Context())
	if !ok {
		_, _ = io.WriteString(w, "hello")
		return
	}
	_, _ = io.WriteString(w, "hello "+p.ID+"/"+p.Name)
})

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}

func TestCheck(t *testing.T) {
	good := OIDC{Issuer: "https://id.example.com", ClientID: "audit", URL: "https://audit.example.com", Allow: []string{"@example.com"}}
	with := func(change func(*OIDC)) OIDC { o := good; change(&o); return o }
	for want, configs := range map[string][]Config{
		"": {
			{Listen: "127.0.0.1:0"}, {Listen: "localhost:1"}, {Listen: "[::1]:1"}, {Listen: "127.8.8.8:1"}, {Listen: "[::ffff:127.0.0.1]:1"},
			{Listen: ":1", Auth: "basic:x"}, {Listen: "0.0.0.0:1", Auth: "header:X-User", TrustedProxies: proxies}, {Listen: ":1", Auth: "oidc", OIDC: good},
			{Listen: "127.0.0.1:1", Auth: "oidc", OIDC: with(func(o *OIDC) {
				o.Issuer, o.URL, o.Allow = "http://localhost:1", "http://127.0.0.1:1", []string{"a@b", "@b", "sub:1", "sub:a@b", "sub:auth0|a:b", "group:g", "*"}
			})},
		},
		"needs --auth":                                    {{Listen: ":1"}, {Listen: "0.0.0.0:1"}, {Listen: "192.0.2.1:1"}, {Listen: "[::]:1"}, {Listen: "example.com:1"}, {Listen: "localhost.example.com:1"}, {Listen: "127.0.0.1.example.com:1"}},
		"--listen must be an address and a port":          {{Listen: "8080"}, {Listen: ""}},
		"--tls-cert and --tls-key must be given together": {{Listen: "127.0.0.1:1", CertFile: "x"}, {Listen: "127.0.0.1:1", KeyFile: "x"}},
		`--auth must be "basic:FILE", "header:NAME" or "oidc"`: {{Listen: ":1", Auth: "none"}, {Listen: ":1", Auth: "basic:"}, {Listen: ":1", Auth: "basic"}, {Listen: ":1", Auth: "header:"},
			{Listen: ":1", Auth: "header:X User", TrustedProxies: proxies}, {Listen: ":1", Auth: "OIDC"}},
		"needs --trusted-proxies":                {{Listen: ":1", Auth: "header:X-User"}, {Listen: "127.0.0.1:1", Auth: "header:X-User"}},
		"--trusted-proxies has no effect":        {{Listen: "127.0.0.1:1", TrustedProxies: proxies}},
		"--auth oidc needs --oidc-issuer, a URL": {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Issuer = "http://id.example.com" })}, {Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Issuer = "" })}},
		"--auth oidc needs --url":                {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.URL = "http://audit.example.com" })}},
		"--url must have no path":                {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.URL = "https://example.com/audit" })}},
		"--auth oidc needs --oidc-client-id":     {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.ClientID = "" })}},
		"--auth oidc needs --oidc-allow":         {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = nil })}},
		"--oidc-allow must be an e-mail address,": {{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = []string{"everybody"} })},
			{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = []string{"sub:"} })}, {Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = []string{"group:"} })},
			{Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = []string{"alice@"} })}, {Listen: ":1", Auth: "oidc", OIDC: with(func(o *OIDC) { o.Allow = []string{"@"} })}},
	} {
		for _, c := range configs {
			err := c.Check()
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%+v: got %v, want %q", c, err, want)
			}
			if bad := new(UsageError); err != nil && !errors.As(err, &bad) {
				t.Errorf("%+v: %v is no error of usage", c, err)
			}
		}
	}
}

// ask sends a request to a handler.
func ask(h http.Handler, path string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Host, r.RemoteAddr = "127.0.0.1:8580", "127.0.0.1:40000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A name that somebody else made lead to this computer is not answered.
func TestHost(t *testing.T) {
	c := Config{Listen: "127.0.0.1:8580", Hosts: []string{"audit.example.com"}}
	for host, want := range map[string]int{
		"127.0.0.1:8580": 200, "127.0.0.1": 200, "localhost:8580": 200, "LOCALHOST": 200, "[::1]:8580": 200, "[::1]": 200, "audit.example.com": 200, "Audit.example.com:443": 200,
		"evil.example": 421, "evil.example:8580": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "": 421, "192.0.2.1": 421, "evil.example:localhost": 421,
	} {
		if got := ask(c.checkHost(hello), "/", func(r *http.Request) { r.Host = host }); got.Code != want {
			t.Errorf("%q: got %d, want %d", host, got.Code, want)
		}
	}
	if got := ask(Config{Listen: ":8580"}.checkHost(hello), "/", func(r *http.Request) { r.Host = "any.example" }); got.Code != 200 {
		t.Errorf("beyond loopback: got %d, want 200", got.Code)
	}
	if got := ask(Config{Listen: ":8580", Hosts: []string{"a.example"}}.checkHost(hello), "/", func(r *http.Request) { r.Host = "b.example" }); got.Code != 421 {
		t.Errorf("beyond loopback, with --host: got %d, want 421", got.Code)
	}
}

func TestHeader(t *testing.T) {
	h := Config{TrustedProxies: proxies}.header("X-Forwarded-User")(hello)
	for _, c := range []struct {
		remote string
		values []string
		code   int
		body   string
	}{
		{"10.1.2.3:5", []string{" alice "}, 200, "hello alice/"},
		{"[::ffff:10.1.2.3]:5", []string{"alice"}, 200, "hello alice/"},
		{"10.1.2.3:5", nil, 401, ""}, {"10.1.2.3:5", []string{""}, 401, ""}, {"10.1.2.3:5", []string{" "}, 401, ""},
		{"10.1.2.3:5", []string{"alice", "bob"}, 401, ""},
		{"192.0.2.1:5", []string{"alice"}, 403, ""}, {"127.0.0.1:5", []string{"alice"}, 403, ""}, {"", []string{"alice"}, 403, ""}, {"@", []string{"alice"}, 403, ""},
	} {
		got := ask(h, "/", func(r *http.Request) {
			r.RemoteAddr = c.remote
			r.Header["X-Forwarded-User"] = c.values
		})
		if got.Code != c.code || c.body != "" && got.Body.String() != c.body || c.code != 200 && strings.Contains(got.Body.String(), "hello") {
			t.Errorf("%+v: got %d: %s", c, got.Code, got.Body)
		}
	}
}

func passwords(t *testing.T, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func hash(t *testing.T, password string, cost int) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func TestBasic(t *testing.T) {
	login, err := newBasic(passwords(t, "# people", "", "alice:"+hash(t, "secret", 4), "bob:"+strings.Replace(hash(t, "bob:secret", 4), "$2a$", "$2y$", 1)))
	if err != nil {
		t.Fatal(err)
	}
	h := login(hello)
	for range 2 { // also once they are known
		for _, c := range []struct {
			name, password string
			ok             bool
		}{{"alice", "secret", true}, {"bob", "bob:secret", true}, {"alice", "bob:secret", false}, {"alice", "", false}, {"", "", false}, {"carol", "secret", false}, {"alice", "secret ", false}, {"Alice", "secret", false}} {
			got := ask(h, "/", func(r *http.Request) { r.SetBasicAuth(c.name, c.password) })
			if c.ok && (got.Code != 200 || got.Body.String() != "hello "+c.name+"/") || !c.ok && (got.Code != 401 || got.Header().Get("WWW-Authenticate") == "") {
				t.Errorf("%+v: got %d: %s", c, got.Code, got.Body)
			}
		}
	}
	if got := ask(h, "/", nil); got.Code != 401 || strings.Contains(got.Body.String(), "hello") {
		t.Errorf("without a name: got %d", got.Code)
	}
}

// A password that was right is not compared again: bcrypt takes long on purpose.
func TestBasicIsFast(t *testing.T) {
	login, err := newBasic(passwords(t, "alice:"+hash(t, "secret", 10)))
	if err != nil {
		t.Fatal(err)
	}
	h := login(hello)
	alice := func(r *http.Request) { r.SetBasicAuth("alice", "secret") }
	ask(h, "/", alice)
	begin := time.Now()
	for range 100 {
		ask(h, "/", alice)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("100 requests took %s", took)
	}
	begin = time.Now()
	ask(h, "/", func(r *http.Request) { r.SetBasicAuth("nobody", "secret") })
	if took := time.Since(begin); took < 10*time.Millisecond {
		t.Errorf("a name that is not there was found out in %s", took)
	}
}

func TestPasswordFiles(t *testing.T) {
	for want, file := range map[string]string{
		"line 1 must be a name, a colon and a bcrypt hash":    passwords(t, "alice"),
		`line 2: the password of "bob" must be a bcrypt hash`: passwords(t, "alice:"+hash(t, "x", 4), "bob:$apr1$abc$def"),
		"line 1 must be a name":                               passwords(t, ":"+hash(t, "x", 4)),
		`line 2: "alice" is there twice`:                      passwords(t, "alice:"+hash(t, "x", 4), "alice:"+hash(t, "y", 4)),
		`line 1: the bcrypt cost of "alice" is 31`:            passwords(t, "alice:"+strings.Replace(hash(t, "x", 4), "$04$", "$31$", 1)),
		"a line is too long":                                  passwords(t, "alice:"+hash(t, "x", 4), "# "+strings.Repeat("x", 1<<17), "bob:"+hash(t, "x", 4)),
		"there are no names":                                  passwords(t, "# nobody"),
		"no such file":                                        filepath.Join(t.TempDir(), "nothing"),
	} {
		_, err := newBasic(file)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "$") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// The server stops when its context ends, and first answers the requests that it has.
func TestRun(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s, err := New(t.Context(), Config{Listen: "127.0.0.1:0", Logger: quiet}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "done")
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	answered := make(chan string, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Get(s.URL())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- string(body)
	}()
	<-entered
	cancel()
	time.Sleep(50 * time.Millisecond)
	close(leave)
	if got := <-answered; got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.DialTimeout("tcp", s.listener.Addr().String(), time.Second); err == nil {
		t.Error("it still listens")
	}
}

func TestListenErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, c := range map[string]Config{
		"listen on " + taken.Addr().String():           {Listen: taken.Addr().String()},
		"read the certificate and its key (--tls-cert": {Listen: "127.0.0.1:0", CertFile: "nothing", KeyFile: "nothing"},
		"needs --auth": {Listen: ":0"},
	} {
		c.Logger = quiet
		if _, err := New(t.Context(), c, hello, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
