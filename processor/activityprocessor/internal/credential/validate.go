package credential

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (c *Config) Validate() error {
	var set []string
	for _, kind := range []struct {
		name string
		set  bool
	}{{"header", c.Header != nil}, {"attribute", c.Attribute != ""}, {"cookie", c.Cookie != nil}, {"mtls", c.MTLS != ""}} {
		if kind.set {
			set = append(set, kind.name)
		}
	}
	var err error
	switch {
	case len(set) > 1:
		err = fmt.Errorf("%s and %s are mutually exclusive; make two rules of them", set[0], set[1])
	case len(set) == 0 && c.problems.Err() == nil:
		err = errors.New("one of header, attribute, cookie and mtls must be set")
	}
	return confcheck.Line(c.problems.Err(), err)
}

// Validate implements [confmap.Validator].
func (c *HeaderConfig) Validate() error {
	return confcheck.Line(c.problems.Err(), c.checkName(), c.checkToken(), c.checkKeys())
}

// checkName checks that a secret does not become the id of a user.
func (c *HeaderConfig) checkName() error {
	name := strings.ToLower(string(c.Name))
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' })
	switch {
	case len(words) == 0:
		return nil
	case slices.Contains(words, "cookie"):
		return errors.New("name must not be that of cookies; the rule cookie is for them")
	case c.As == "" && slices.Contains(secretWords, words[len(words)-1]):
		return fmt.Errorf("as must be one of %s for a header whose text is a secret; got %q", confcheck.List(forms), "")
	}
	return nil
}

// secretWords are the last words of headers that name nobody as they are.
var secretWords = []string{
	"authorization", "token", "jwt", "assertion", "key", "apikey", "secret", "password", "passwd", "session", "sessionid", "signature", "credentials",
}

func (c *HeaderConfig) checkToken() error {
	if c.As == asToken {
		return nil
	}
	var errs []error
	for _, setting := range []struct {
		name string
		set  bool
	}{
		{"claims", c.Claims.ID+c.Claims.Name+c.Claims.Tenant != ""},
		{"jwks_url", c.JWKSURL != ""},
		{"jwks_file", c.JWKSFile != ""},
	} {
		if setting.set {
			errs = append(errs, fmt.Errorf("%s is only for as: %s", setting.name, asToken))
		}
	}
	return confcheck.Line(errs...)
}

func (c *HeaderConfig) checkKeys() error {
	if c.JWKSURL != "" && c.JWKSFile != "" {
		return errors.New("jwks_url and jwks_file are mutually exclusive")
	}
	if c.hasKeys() {
		return nil
	}
	var errs []error
	for _, setting := range []struct {
		name string
		set  bool
	}{{"algorithms", len(c.Algorithms) > 0}, {"issuer", c.Issuer != ""}, {"audience", c.Audience != ""}} {
		if setting.set {
			errs = append(errs, fmt.Errorf("%s needs jwks_url or jwks_file", setting.name))
		}
	}
	return confcheck.Line(errs...)
}

func (c *HeaderConfig) hasKeys() bool { return c.JWKSURL != "" || c.JWKSFile != "" }

// Validate implements [confmap.Validator].
func (c *Claims) Validate() error { return c.problems.Err() }

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (c *CookieConfig) Validate() error { return c.problems.Err() }

// HeaderName is the name of a header.
type HeaderName string

// Validate implements [confmap.Validator].
func (n HeaderName) Validate() error {
	letters := func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if n == "" || strings.ContainsFunc(string(n), letters) {
		return fmt.Errorf("must be the name of a header, such as x-forwarded-user; got %q", string(n))
	}
	return nil
}

// Form is how a header names a user.
type Form string

// The values of as, other than "".
const (
	asBasic Form = "basic"
	asToken Form = "jwt"
)

var forms = []Form{asBasic, asToken}

// Validate implements [confmap.Validator].
func (f Form) Validate() error {
	if f == "" {
		return nil
	}
	return confcheck.OneOf(f, forms...)
}

// Attribute is the name of a span attribute.
type Attribute string

// Validate implements [confmap.Validator].
func (a Attribute) Validate() error {
	if _, ok := headerOf(string(a)); ok {
		return fmt.Errorf("must not be a header; the rule header is for them; got %q", string(a))
	}
	return nil
}

// MTLS is what of a client certificate names the user, or empty.
type MTLS string

const bySubject MTLS = "subject"

// Validate implements [confmap.Validator].
func (m MTLS) Validate() error {
	if m == "" {
		return nil
	}
	return confcheck.OneOf(m, bySubject)
}

// URL is the address of a key set.
type URL string

// Validate implements [confmap.Validator]. Its error does not have the URL, which may have
// a password.
func (u URL) Validate() error {
	if u == "" {
		return nil
	}
	parsed, err := url.Parse(string(u))
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return errors.New("must be an https or http URL without a user, such as https://login.example.com/keys")
	}
	return nil
}

// Algorithms is a list of signature algorithms with public keys.
type Algorithms []Algorithm

// UnmarshalText implements [encoding.TextUnmarshaler], for one algorithm without a list.
func (a *Algorithms) UnmarshalText(text []byte) error {
	*a = Algorithms{Algorithm(text)}
	return nil
}

// Algorithm is a signature algorithm.
type Algorithm string

// Validate implements [confmap.Validator].
func (a Algorithm) Validate() error { return confcheck.OneOf(a, algorithms...) }

// algorithms are those with public keys. With HMAC whoever can check a token can also
// make one, and a public key must never be used as its secret.
var algorithms = []Algorithm{
	Algorithm(jose.RS256), Algorithm(jose.RS384), Algorithm(jose.RS512), Algorithm(jose.PS256), Algorithm(jose.PS384), Algorithm(jose.PS512),
	Algorithm(jose.ES256), Algorithm(jose.ES384), Algorithm(jose.ES512), Algorithm(jose.EdDSA),
}

// Services is a list of names, or beginnings of names with "*".
type Services []string

// Validate implements [confmap.Validator].
func (s Services) Validate() error {
	for _, name := range s {
		if name == "" || strings.Contains(strings.TrimSuffix(name, "*"), "*") {
			return fmt.Errorf(`must be names, or beginnings of names with "*" after them; got %q`, name)
		}
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Services) UnmarshalText(text []byte) error { return (*confcheck.Texts)(s).UnmarshalText(text) }

// match reports whether the list has a service, or is empty.
func (s Services) match(service string) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(pattern string) bool {
		beginning, open := strings.CutSuffix(pattern, "*")
		return pattern == service || open && strings.HasPrefix(service, beginning)
	})
}
