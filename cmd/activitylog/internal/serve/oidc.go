package serve

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OIDC is how to log in by OpenID Connect.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string // may be empty: the code is bound to this server by PKCE
	URL          string // of this server, as browsers see it

	// Allow says who may read: e-mail addresses that the issuer has verified, "@example.com"
	// for all of a domain, "sub:ID", "group:NAME", or "*" for everybody who can log in.
	Allow []string
}

func (o OIDC) check() error {
	for _, given := range [][2]string{{"--oidc-issuer", o.Issuer}, {"--url", o.URL}} {
		flag, value := given[0], given[1]
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return usagef("--auth oidc needs %s, a URL that begins with https://; got %q", flag, value)
		}
		if flag == "--url" && strings.Trim(u.Path, "/") != "" {
			return usagef("--url must have no path: the log is at the root of its server; got %q", value)
		}
	}
	if o.ClientID == "" {
		return usagef("--auth oidc needs --oidc-client-id")
	}
	if len(o.Allow) == 0 {
		return usagef(`--auth oidc needs --oidc-allow: an e-mail address, "@example.com", "sub:ID", "group:NAME", or "*" for everybody who can log in`)
	}
	for _, allow := range o.Allow {
		_, domain, isAddress := strings.Cut(allow, "@")
		_, value, _ := strings.Cut(allow, ":")
		isOther := strings.HasPrefix(allow, "sub:") || strings.HasPrefix(allow, "group:")
		if allow != "*" && (!isOther || value == "") && (isOther || !isAddress || domain == "") {
			return usagef(`--oidc-allow must be an e-mail address, "@example.com", "sub:ID", "group:NAME" or "*"; got %q`, allow)
		}
	}
	return nil
}

// Paths of the login, and its times.
const (
	callbackPath = "/login/callback"
	logoutPath   = "/logout"
	pendingTime  = 10 * time.Minute
	sessionTime  = 8 * time.Hour
	issuerTime   = 10 * time.Second // for an answer of the issuer
)

// relying is what OpenID Connect calls the relying party.
type relying struct {
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
	allow    []string
	pending  *sealer
	sessions *sealer
	ended    ended
	logger   *slog.Logger
	now      func() time.Time
}

func newOIDC(ctx context.Context, o OIDC, logger *slog.Logger) (middleware, error) {
	asking, cancel := context.WithTimeout(ctx, issuerTime)
	defer cancel()
	provider, err := oidc.NewProvider(asking, o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the issuer %s how to log in: %w", o.Issuer, err)
	}
	p := &relying{
		config: oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: provider.Endpoint(),
			RedirectURL: strings.TrimSuffix(o.URL, "/") + callbackPath, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}},
		// The keys are fetched with this context, also later.
		verifier: provider.VerifierContext(context.WithoutCancel(ctx), &oidc.Config{ClientID: o.ClientID}),
		allow:    o.Allow, pending: newSealer("__Host-activitylog-login"), sessions: newSealer("__Host-activitylog"), logger: logger, now: time.Now,
	}
	return p.middleware, nil
}

// pending is a login that has begun, in a cookie of the browser that began it.
type pending struct {
	State, Nonce, Verifier string
	Next                   string // where to go afterwards, on this server
	Until                  time.Time
}

// session is somebody who has logged in.
type session struct {
	ID     string
	Person Person
	Until  time.Time
}

func (p *relying) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case callbackPath:
			p.callback(w, r)
			return
		case logoutPath:
			p.logout(w, r)
			return
		}
		var s session
		if p.sessions.open(r, &s) && p.now().Before(s.Until) && !p.ended.has(s.ID) {
			next.ServeHTTP(w, with(r, s.Person))
			return
		}
		if strings.HasPrefix(r.URL.Path, "/api/") || r.Method != http.MethodGet {
			deny(w, http.StatusUnauthorized, "Log in with a browser first.")
			return
		}
		p.begin(w, r)
	})
}

// begin sends the browser to the issuer.
func (p *relying) begin(w http.ResponseWriter, r *http.Request) {
	login := pending{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: "/", Until: p.now().Add(pendingTime)}
	if target := r.URL.RequestURI(); len(target) < 1500 && strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//") && !strings.HasPrefix(target, `/\`) {
		login.Next = target
	}
	p.pending.set(w, login, pendingTime)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, p.config.AuthCodeURL(login.State, oidc.Nonce(login.Nonce), oauth2.S256ChallengeOption(login.Verifier)), http.StatusFound)
}

// callback is where the issuer sends the browser back to.
func (p *relying) callback(w http.ResponseWriter, r *http.Request) {
	var login pending
	found := p.pending.open(r, &login)
	p.pending.set(w, nil, 0) // one try for each login
	// The address alone is read: a form in a body could fill the disk, before any login.
	answer := r.URL.Query()
	if !found || !p.now().Before(login.Until) || answer.Get("state") != login.State {
		recordLoginFailed(r.Context(), "")
		deny(w, http.StatusBadRequest, "This login was not begun in this browser, or is too old. Open the page again.")
		return
	}
	if problem := answer.Get("error"); problem != "" {
		p.logger.WarnContext(r.Context(), "the issuer denied a login", "error", problem, "description", answer.Get("error_description"))
		recordLoginFailed(r.Context(), "")
		deny(w, http.StatusForbidden, "The login was denied. Open the page again to try once more.")
		return
	}
	person, claimed, err := p.exchange(r.Context(), answer.Get("code"), login)
	if err != nil {
		p.logger.WarnContext(r.Context(), "a login failed", "error", err)
		recordLoginFailed(r.Context(), claimed)
		deny(w, http.StatusForbidden, "The login failed, or you may not read this log. Ask who runs this server.")
		return
	}
	recordLogin(r.Context(), person)
	p.sessions.set(w, session{ID: rand.Text(), Person: person, Until: p.now().Add(sessionTime)}, sessionTime)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, login.Next, http.StatusSeeOther)
}

// exchange gets the token for a code, and returns who it is of. claimed is who that says to
// be, also if it may not read.
func (p *relying) exchange(ctx context.Context, code string, login pending) (person Person, claimed string, err error) {
	asking, cancel := context.WithTimeout(ctx, issuerTime)
	defer cancel()
	token, err := p.config.Exchange(asking, code, oauth2.VerifierOption(login.Verifier))
	if err != nil {
		return person, "", fmt.Errorf("exchange the code: %w", withoutBody(err))
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return person, "", fmt.Errorf("the issuer sent no id_token")
	}
	id, err := p.verifier.Verify(asking, raw)
	if err != nil {
		return person, "", fmt.Errorf("verify the id_token: %w", err)
	}
	if id.Nonce != login.Nonce {
		return person, "", fmt.Errorf("verify the id_token: its nonce is of another login")
	}
	var claims struct {
		Email    string   `json:"email"`
		Verified bool     `json:"email_verified"`
		Name     string   `json:"preferred_username"`
		Groups   []string `json:"groups"`
	}
	if err := id.Claims(&claims); err != nil {
		return person, id.Subject, fmt.Errorf("read the id_token: %w", err)
	}
	person = Person{ID: id.Subject, Name: claims.Name}
	email := ""
	if claims.Verified {
		email = claims.Email
		person.Name = email
	}
	if !p.allowed(id.Subject, email, claims.Groups) {
		return person, id.Subject, fmt.Errorf("%q (%s) is not among those of --oidc-allow", id.Subject, email)
	}
	return person, id.Subject, nil
}

// withoutBody leaves out the issuer's answer, which may have more than an error.
func withoutBody(err error) error {
	if e, ok := err.(*oauth2.RetrieveError); ok { //nolint:errorlint // Exchange returns it as it is
		return fmt.Errorf("the issuer answers %s: %s", e.Response.Status, e.ErrorCode)
	}
	return err
}

func (p *relying) allowed(subject, email string, groups []string) bool {
	return slices.ContainsFunc(p.allow, func(allow string) bool {
		if group, ok := strings.CutPrefix(allow, "group:"); ok {
			return slices.Contains(groups, group)
		}
		if id, ok := strings.CutPrefix(allow, "sub:"); ok {
			return subject == id
		}
		at := strings.LastIndex(email, "@")
		return allow == "*" || at > 0 && (equal(allow, email) || equal(allow, email[at:]))
	})
}

// equal compares e-mail addresses without the case of ASCII. strings.EqualFold takes other
// letters for the same, too, such as the Kelvin sign for k, and their mailboxes are others.
func equal(a, b string) bool {
	lower := func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return strings.Map(lower, a) == strings.Map(lower, b)
}

// logout ends the session of this browser, also for who has copied its cookie.
func (p *relying) logout(w http.ResponseWriter, r *http.Request) {
	var s session
	if p.sessions.open(r, &s) && p.now().Before(s.Until) && p.ended.add(s, p.now()) {
		recordLogout(r.Context(), s.Person)
	}
	p.sessions.set(w, nil, 0)
	deny(w, http.StatusOK, "You are logged out.")
}
