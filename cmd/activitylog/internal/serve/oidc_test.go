package serve

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// issuer is an OpenID provider at which everybody is who the test says.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu     sync.Mutex
	codes  map[string]url.Values // what was asked for when the code was given
	change func(claims map[string]any)
	denies bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("/authorize", i.authorize)
	mux.HandleFunc("/token", i.token)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	back := url.Values{"state": {r.FormValue("state")}}
	if i.denies {
		back.Set("error", "access_denied")
	} else {
		code := rand.Text()
		i.codes[code] = r.Form
		back.Set("code", code)
	}
	http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token gives each code once, to whoever has the verifier of its challenge.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	asked, ok := i.codes[r.FormValue("code")]
	delete(i.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	name, secret, _ := r.BasicAuth()
	if !ok || asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || name != "audit" || secret != "s3cret" {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant", "error_description": "SECRET DETAIL"})
		return
	}
	claims := map[string]any{"iss": i.URL, "aud": "audit", "sub": "42", "nonce": asked.Get("nonce"), "email": "alice@example.com", "email_verified": true,
		"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "groups": []string{"auditors"}}
	if i.change != nil {
		i.change(claims)
	}
	answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": i.sign(claims)})
}

func (i *issuer) sign(claims map[string]any) string {
	text := func(value any) string {
		b, _ := json.Marshal(value)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := text(map[string]any{"alg": "RS256", "kid": "1"}) + "." + text(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// site is the handler behind an OIDC login, and a browser.
type site struct {
	*httptest.Server
	client *http.Client
}

func newSite(t *testing.T, i *issuer, allow ...string) *site {
	t.Helper()
	s := &site{}
	var h http.Handler
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	login, err := newOIDC(t.Context(), OIDC{Issuer: i.URL, ClientID: "audit", ClientSecret: "s3cret", URL: s.URL + "/", Allow: allow}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	h = login(hello)
	s.client = s.browser()
	return s
}

// browser returns a browser without cookies.
func (s *site) browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Transport: s.Client().Transport, Jar: jar}
}

// received is what is of use of a response, whose body is closed.
type received struct {
	at      *http.Request // the last of the redirects
	cookies []*http.Cookie
	next    string // where it leads, or ""
}

func get(t *testing.T, client *http.Client, address string) (code int, body string, r received) {
	t.Helper()
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	r = received{at: response.Request, cookies: response.Cookies()}
	if to, err := response.Location(); err == nil {
		r.next = to.String()
	}
	return response.StatusCode, string(text), r
}

func TestOIDC(t *testing.T) {
	i := newIssuer(t)
	s := newSite(t, i, "@Example.com")
	code, body, r := get(t, s.client, s.URL+"/actor?actor_id=1&x=%2F")
	if code != 200 || body != "hello 42/alice@example.com" || r.at.URL.RequestURI() != "/actor?actor_id=1&x=%2F" {
		t.Fatalf("got %d at %s: %s", code, r.at.URL, body)
	}
	if code, _, r = get(t, s.client, s.URL+"/"); code != 200 || r.at.Response != nil {
		t.Errorf("with a session: got %d", code)
	}
	address, _ := url.Parse(s.URL)
	for _, c := range s.client.Jar.Cookies(address) {
		if strings.Contains(c.Value, "alice") {
			t.Errorf("the cookie can be read: %s", c.Value)
		}
	}
	if code, _, _ = get(t, s.client, s.URL+"/logout"); code != 200 {
		t.Errorf("logout: got %d", code)
	}
	if got := s.client.Jar.Cookies(address); len(got) != 0 {
		t.Errorf("after logout: got the cookies %v", got)
	}
	if code, body, _ = get(t, s.browser(), s.URL+"/api/v1/activities"); code != 401 || strings.Contains(body, "hello") {
		t.Errorf("a program without a login: got %d", code)
	}
}

// Cookies are of this server alone, and no script reads them.
func TestCookies(t *testing.T) {
	s := newSite(t, newIssuer(t), "*")
	client := s.browser()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	seen := 0
	for address := s.URL + "/"; address != ""; {
		_, _, r := get(t, client, address)
		for _, c := range r.cookies {
			seen++
			if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
				t.Errorf("the cookie is %s", c)
			}
		}
		address = r.next
	}
	if seen < 3 { // one to begin, and at the end it is removed and the session set
		t.Errorf("there were %d cookies", seen)
	}
}

// Who may read is who is allowed, by what the issuer has verified.
func TestAllow(t *testing.T) {
	i := newIssuer(t)
	for _, c := range []struct {
		allow  string
		change func(map[string]any)
		ok     bool
	}{
		{"alice@example.com", nil, true}, {"ALICE@example.com", nil, true}, {"bob@example.com", nil, false}, {"@example.org", nil, false}, {"@ample.com", nil, false},
		{"sub:42", nil, true}, {"sub:4", nil, false}, {"group:auditors", nil, true}, {"group:audit", nil, false}, {"*", nil, true},
		{"alice@example.com", func(c map[string]any) { c["email_verified"] = false }, false},
		{"@example.com", func(c map[string]any) { delete(c, "email_verified") }, false},
		{"@example.com", func(c map[string]any) { delete(c, "email") }, false},
		{"@example.com", func(c map[string]any) { c["email"] = "x@example.com@evil.example" }, false},
		{"@example.com", func(c map[string]any) { c["email"] = "alice@example.com.evil.example" }, false},
		{"@example.com", func(c map[string]any) { c["email"] = "alice@evil.example,@example.comx" }, false},
		{"kate@example.com", func(c map[string]any) { c["email"] = "KATE@EXAMPLE.COM" }, true},
		{"kate@example.com", func(c map[string]any) { c["email"] = "\u212aate@example.com" }, false}, // the Kelvin sign: another mailbox
		{"sam@example.com", func(c map[string]any) { c["email"] = "\u017fam@example.com" }, false},   // a long s
		{"@example.com", func(c map[string]any) { c["email"] = "@example.com" }, false},
		{"group:auditors", func(c map[string]any) { c["groups"] = []string{"Auditors", "auditors2"} }, false},
		{"*", func(c map[string]any) { c["nonce"] = "another" }, false},
		{"*", func(c map[string]any) { delete(c, "nonce") }, false},
		{"*", func(c map[string]any) { c["aud"] = "another" }, false},
		{"*", func(c map[string]any) { c["iss"] = "https://evil.example" }, false},
		{"*", func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }, false},
	} {
		i.change = c.change
		s := newSite(t, i, c.allow)
		code, body, _ := get(t, s.client, s.URL+"/")
		if c.ok != (code == 200 && strings.HasPrefix(body, "hello 42")) || !c.ok && code != 403 {
			t.Errorf("%s: got %d: %s, want %v", c.allow, code, body, c.ok)
		}
	}
}

// A login ends in the browser in which it began, once.
func TestForgedLogins(t *testing.T) {
	i := newIssuer(t)
	s := newSite(t, i, "*")
	client := s.browser()
	var callback string
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == callbackPath {
			callback = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	get(t, client, s.URL+"/")
	if callback == "" {
		t.Fatal("the issuer did not send the browser back")
	}
	if code, _, _ := get(t, s.browser(), callback); code != 400 { // an attacker's code in the victim's browser
		t.Errorf("in another browser: got %d, want 400", code)
	}
	u, _ := url.Parse(callback)
	q := u.Query()
	q.Set("state", "x")
	u.RawQuery = q.Encode()
	if code, _, _ := get(t, client, u.String()); code != 400 {
		t.Errorf("with another state: got %d, want 400", code)
	}
	if code, _, _ := get(t, client, callback); code != 400 { // the one try is used up
		t.Errorf("after a try: got %d, want 400", code)
	}
	get(t, client, s.URL+"/")
	if code, _, _ := get(t, client, callback[:strings.Index(callback, "?")]+"?code=x&state="); code != 400 {
		t.Errorf("without a state: got %d, want 400", code)
	}
	i.denies = true
	if code, body, _ := get(t, s.client, s.URL+"/"); code != 403 || strings.Contains(body, "hello") {
		t.Errorf("denied by the issuer: got %d: %s", code, body)
	}
	address, _ := url.Parse(s.URL)
	forged := s.browser()
	forged.Jar.SetCookies(address, []*http.Cookie{{Name: "__Host-activitylog", Value: base64.RawURLEncoding.EncodeToString([]byte(`{"Person":{"ID":"42"},"Until":"2999-01-01T00:00:00Z"}`)), Path: "/", Secure: true}})
	if code, _, _ := get(t, forged, s.URL+"/api/x"); code != 401 {
		t.Errorf("a session that was made up: got %d, want 401", code)
	}
}

// A cookie is of use as what it was made for alone, and not for ever.
func TestSessionsEnd(t *testing.T) {
	i := newIssuer(t)
	clock := time.Now()
	p := &relying{pending: newSealer("a"), sessions: newSealer("b"), now: func() time.Time { return clock }, logger: quiet}
	_ = i
	w := httptest.NewRecorder()
	p.sessions.set(w, session{Person: Person{ID: "42"}, Until: clock.Add(sessionTime)}, sessionTime)
	cookie := w.Result().Cookies()[0]
	h := p.middleware(hello)
	asked := func() int { return ask(h, "/api/x", func(r *http.Request) { r.AddCookie(cookie) }).Code }
	if got := asked(); got != 200 {
		t.Errorf("a session: got %d, want 200", got)
	}
	clock = clock.Add(sessionTime)
	if got := asked(); got != 401 {
		t.Errorf("after eight hours: got %d, want 401", got)
	}
	var s session
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.AddCookie(&http.Cookie{Name: "a", Value: cookie.Value})
	if p.pending.open(r, &s) {
		t.Error("a session was taken for a login")
	}
}

// A logout ends the session, and not only its cookie in one browser.
func TestLogoutEnds(t *testing.T) {
	s := newSite(t, newIssuer(t), "*")
	address, _ := url.Parse(s.URL)
	login := func() *http.Client {
		client := s.browser()
		if code, _, _ := get(t, client, s.URL+"/"); code != 200 {
			t.Fatalf("login: got %d, want 200", code)
		}
		return client
	}
	mine, other := login(), login()
	thief := s.browser()
	thief.Jar.SetCookies(address, mine.Jar.Cookies(address))
	for range 2 { // the second has no cookie any more
		if code, _, _ := get(t, mine, s.URL+logoutPath); code != 200 {
			t.Errorf("logout: got %d, want 200", code)
		}
	}
	if code, body, _ := get(t, thief, s.URL+"/api/x"); code != 401 {
		t.Errorf("with a copy of the cookie: got %d: %s, want 401", code, body)
	}
	if code, _, _ := get(t, other, s.URL+"/api/x"); code != 200 {
		t.Errorf("another session of the same person: got %d, want 200", code)
	}
}

// What was ended is kept as long as its cookie could be of use.
func TestEnded(t *testing.T) {
	var e ended
	now := time.Now()
	one, two := session{ID: "1", Until: now.Add(time.Hour)}, session{ID: "2", Until: now.Add(2 * time.Hour)}
	if !e.add(one, now) || e.add(one, now) || !e.has("1") || e.has("2") {
		t.Errorf("got %v", e.ids)
	}
	if !e.add(two, one.Until) || e.has("1") || !e.has("2") {
		t.Errorf("got %v", e.ids)
	}
}

// Before a login, a form is not read: it could be of any size.
func TestCallbackReadsNoForm(t *testing.T) {
	clock := time.Now()
	p := &relying{pending: newSealer("a"), sessions: newSealer("b"), now: func() time.Time { return clock }, logger: quiet}
	w := httptest.NewRecorder()
	p.pending.set(w, pending{State: "s", Until: clock.Add(time.Minute)}, time.Minute)
	body := &countingReader{Reader: strings.NewReader(strings.Repeat("x", 1<<20))}
	r := httptest.NewRequest(http.MethodPost, callbackPath, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(w.Result().Cookies()[0])
	w = httptest.NewRecorder()
	p.middleware(hello).ServeHTTP(w, r)
	if w.Code != 400 || body.n != 0 {
		t.Errorf("got %d, and %d bytes were read; want 400 and none", w.Code, body.n)
	}
}

type countingReader struct {
	io.Reader
	n int
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

func TestIssuerIsAway(t *testing.T) {
	_, err := newOIDC(t.Context(), OIDC{Issuer: "http://127.0.0.1:1", ClientID: "audit"}, quiet)
	if err == nil || !strings.Contains(err.Error(), "ask the issuer http://127.0.0.1:1 how to log in") {
		t.Errorf("got %v", err)
	}
}
