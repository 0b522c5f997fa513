package credential

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	lru "github.com/hashicorp/golang-lru/v2"
	"go.uber.org/zap"
)

// token is a header with a JSON web token (RFC 7519).
type token struct {
	header     int
	claims     Claims
	issuer     string
	audience   string
	algorithms []jose.SignatureAlgorithm
	keys       *keySource // nil: tokens are not verified
	cache      *lru.Cache[[sha256.Size]byte, reading]
}

// reading is what a token says. It is kept by the hash of the token, never with the token.
type reading struct {
	user        user
	from, until time.Time // zero: no bound
	set         *keySet   // that the token was verified with
}

const (
	// cached is how many tokens are remembered. Reading one again costs some tens of
	// microseconds if it is signed.
	cached = 10_000

	// leeway is how much the clocks of issuer and service may differ.
	leeway = time.Minute
)

// symmetric are the algorithms whose tokens only their issuer can check.
var symmetric = []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}

func newToken(header int, cfg *HeaderConfig, logger *zap.Logger) (*token, error) {
	t := &token{header: header, claims: cfg.Claims, issuer: cfg.Issuer, audience: cfg.Audience}
	for _, a := range cfg.Algorithms {
		t.algorithms = append(t.algorithms, jose.SignatureAlgorithm(a))
	}
	if len(cfg.Algorithms) == 0 {
		for _, a := range algorithms {
			t.algorithms = append(t.algorithms, jose.SignatureAlgorithm(a))
		}
	}
	if cfg.hasKeys() {
		t.keys = newKeySource(cfg, logger)
	} else {
		t.algorithms = append(t.algorithms, symmetric...)
	}
	var err error
	if t.cache, err = lru.New[[sha256.Size]byte, reading](cached); err != nil {
		return nil, fmt.Errorf("create the cache of tokens: %w", err)
	}
	return t, nil
}

func (t *token) find(r *request) user {
	compact := compactOf(r.headers[t.header].one())
	if compact == "" || t.keys == nil && !r.answer.accepted() {
		return user{}
	}
	said, ok := t.read(compact)
	if !ok || !said.until.IsZero() && r.time.After(said.until) || r.time.Before(said.from) {
		return user{}
	}
	return said.user
}

// compactOf returns the token in a header, or "".
func compactOf(text string) string {
	if scheme, rest, ok := strings.Cut(text, " "); ok {
		switch strings.ToLower(scheme) {
		case "bearer", "jwt", "token":
			text = strings.TrimSpace(rest)
		default:
			return ""
		}
	}
	if strings.Count(text, ".") != 2 || strings.ContainsAny(text, " ,") {
		return ""
	}
	return text
}

// read returns what a token says, if it can be read and its signature is right.
func (t *token) read(compact string) (reading, bool) {
	var set *keySet
	if t.keys != nil {
		if set = t.keys.current(); set == nil {
			return reading{}, false
		}
	}
	hash := sha256.Sum256([]byte(compact))
	if said, ok := t.cache.Get(hash); ok && said.set == set {
		return said, true
	}
	payload, err := t.payload(compact, set)
	if err != nil {
		return reading{}, false
	}
	said, err := t.reading(payload)
	if err != nil {
		return reading{}, false
	}
	said.set = set
	t.cache.Add(hash, said)
	return said, true
}

// payload returns the claims of a token as JSON.
func (t *token) payload(compact string, set *keySet) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(compact, t.algorithms)
	if err != nil {
		return nil, fmt.Errorf("read a token: %w", err)
	}
	if len(signed.Signatures[0].Signature) == 0 {
		return nil, errors.New("read a token: it has no signature")
	}
	if t.keys == nil {
		return signed.UnsafePayloadWithoutVerification(), nil
	}
	payload, known := set.verify(signed)
	if payload == nil {
		if !known {
			t.keys.refresh()
		}
		return nil, errors.New("verify a token: no key fits")
	}
	return payload, nil
}

// reading returns what claims say.
func (t *token) reading(payload []byte) (reading, error) {
	decoder := json.NewDecoder(strings.NewReader(string(payload)))
	decoder.UseNumber() // an id of 64 bits is exact
	var claims map[string]any
	if err := decoder.Decode(&claims); err != nil {
		return reading{}, fmt.Errorf("read the claims of a token: %w", err)
	}
	from, err := moment(claims, "nbf", -leeway)
	if err != nil {
		return reading{}, err
	}
	until, err := moment(claims, "exp", leeway)
	if err != nil {
		return reading{}, err
	}
	if t.issuer != "" && claims["iss"] != t.issuer || t.audience != "" && !has(claims["aud"], t.audience) {
		return reading{}, errors.New("the token is of another issuer or for another audience")
	}
	return reading{from: from, until: until, user: user{
		id:      claim(claims, cmp.Or(t.claims.ID, "sub")),
		name:    claim(claims, t.claims.Name),
		tenant:  claim(claims, t.claims.Tenant),
		claimed: t.keys == nil,
	}}, nil
}

// moment returns the time in a claim, in seconds since 1970.
func moment(claims map[string]any, name string, add time.Duration) (time.Time, error) {
	value, ok := claims[name]
	if !ok {
		return time.Time{}, nil
	}
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, fmt.Errorf("the claim %s is not a number", name)
	}
	seconds, err := number.Float64()
	if err != nil || seconds < 0 || seconds > maxSeconds {
		return time.Time{}, fmt.Errorf("the claim %s is not a time", name)
	}
	return time.Unix(int64(seconds), 0).Add(add), nil
}

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// has reports whether a claim is a value, or a list that has it.
func has(claim any, value string) bool {
	list, ok := claim.([]any)
	if !ok {
		return claim == value
	}
	for _, one := range list {
		if one == value {
			return true
		}
	}
	return false
}

// claim returns a claim that is a text or a number, or "".
func claim(claims map[string]any, name string) string {
	if name == "" {
		return ""
	}
	switch value := claims[name].(type) {
	case string:
		return strings.TrimSpace(value)
	case json.Number:
		return value.String()
	}
	outer, inner, ok := strings.Cut(name, ".")
	if within, is := claims[outer].(map[string]any); ok && is {
		return claim(within, inner)
	}
	return ""
}
