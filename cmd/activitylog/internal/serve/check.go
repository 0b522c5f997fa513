package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// UsageError is an error of the configuration.
type UsageError struct{ text string }

// Error implements error.
func (e *UsageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// Forms of --auth.
const (
	authBasic  = "basic:"
	authHeader = "header:"
	authOIDC   = "oidc"
)

// Check says what is wrong with the configuration, before anything is opened.
func (c Config) Check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return usagef(`--listen must be an address and a port, such as "127.0.0.1:8580" or ":8443"; got %q`, c.Listen)
	}
	if c.Auth == "" && !loopback(host) {
		return usagef(`--listen %s can be reached from other computers, so it needs --auth: "basic:FILE", "header:NAME" or "oidc"`, c.Listen)
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return usagef("--tls-cert and --tls-key must be given together")
	}
	header, isHeader := strings.CutPrefix(c.Auth, authHeader)
	file, isBasic := strings.CutPrefix(c.Auth, authBasic)
	switch {
	case c.Auth != "" && c.Auth != authOIDC && (!isHeader || !token(header)) && (!isBasic || file == ""):
		return usagef(`--auth must be "basic:FILE", "header:NAME" or "oidc"; got %q`, c.Auth)
	case isHeader && len(c.TrustedProxies) == 0:
		return usagef("--auth header:NAME needs --trusted-proxies: the header of anybody else is not believed")
	case !isHeader && len(c.TrustedProxies) > 0 && c.Auth == "":
		return usagef("--trusted-proxies has no effect without --auth")
	case c.Auth == authOIDC:
		return c.OIDC.check()
	}
	return nil
}

// token reports whether a text can be the name of a header.
func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// loopback reports whether a host can be reached from this computer alone. The name
// localhost is meant as that, whatever it resolves to.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.Unmap().IsLoopback()
}

// checkHost rejects requests for other names. A page of somebody else's, whose name leads to
// this computer, could otherwise read the answers (DNS rebinding).
func (c Config) checkHost(next http.Handler) http.Handler {
	host, _, _ := net.SplitHostPort(c.Listen)
	if !loopback(host) && len(c.Hosts) == 0 {
		return next // who asks has to log in, and the browser gives the login to our name alone
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if alone, _, err := net.SplitHostPort(name); err == nil {
			name = alone
		}
		name = strings.Trim(name, "[]")
		if !loopback(name) && !slices.ContainsFunc(c.Hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
			http.Error(w, "This server does not answer for the name in the address. If it should, start it with --host and the name.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Person is who logged in.
type Person struct {
	ID   string
	Name string // for people; may be empty
}

func (p Person) actor() activity.Actor { return activity.Actor{ID: p.ID, Name: p.Name} }

type personKey struct{}

// PersonOf returns who sent a request. ok is false where nobody has to log in.
func PersonOf(ctx context.Context) (p Person, ok bool) {
	p, ok = ctx.Value(personKey{}).(Person)
	return p, ok
}

func with(r *http.Request, p Person) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), personKey{}, p))
}

// middleware puts a login before a handler.
type middleware func(http.Handler) http.Handler

// login returns the login of --auth.
func (c Config) login(ctx context.Context) (middleware, error) {
	if file, ok := strings.CutPrefix(c.Auth, authBasic); ok {
		return newBasic(file)
	}
	if name, ok := strings.CutPrefix(c.Auth, authHeader); ok {
		return c.header(name), nil
	}
	if c.Auth == authOIDC {
		return newOIDC(ctx, c.OIDC, c.Logger)
	}
	return func(next http.Handler) http.Handler { return next }, nil
}

// header believes a header of the trusted proxies.
func (c Config) header(name string) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !c.trusted(r.RemoteAddr) {
				deny(w, http.StatusForbidden, "This server answers its proxy only.")
				return
			}
			values := r.Header.Values(name)
			if len(values) != 1 || strings.TrimSpace(values[0]) == "" {
				deny(w, http.StatusUnauthorized, "The proxy did not say who you are.")
				return
			}
			next.ServeHTTP(w, with(r, Person{ID: strings.TrimSpace(values[0])}))
		})
	}
}

// trusted reports whether an address, host:port, is one of the proxies.
func (c Config) trusted(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(at.Addr().Unmap()) })
}

// deny answers without showing anything.
func deny(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Error(w, text, code)
}
