package credential

import (
	"crypto/sha256"
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
