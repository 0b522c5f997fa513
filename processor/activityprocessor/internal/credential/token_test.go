package credential

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// issuer signs tokens.
type issuer struct {
	private crypto.Signer
	alg     jose.SignatureAlgorithm
	kid     string
}

func newIssuer(t testing.TB, alg jose.SignatureAlgorithm, kid string) issuer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch alg {
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	require.NoError(t, err)
	return issuer{key, alg, kid}
}

func (i issuer) key() jose.JSONWebKey {
	return jose.JSONWebKey{Key: i.private.Public(), KeyID: i.kid, Use: "sig"}
}

// sign returns a token with the claims.
func (i issuer) sign(t testing.TB, claims attrs) string {
	t.Helper()
	return sign(t, jose.SigningKey{Algorithm: i.alg, Key: jose.JSONWebKey{Key: i.private, KeyID: i.kid}}, claims)
}

func sign(t testing.TB, key jose.SigningKey, claims attrs) string {
	t.Helper()
	signer, err := jose.NewSigner(key, nil)
	require.NoError(t, err)
	payload, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(t, err)
	return compact
}

// unsigned returns a token with any header and signature.
func unsigned(header, payload, signature string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(header) + "." + part(payload) + "." + part(signature)
}

// keySetOf returns keys as a JSON Web Key Set, with two that are of no use.
func keySetOf(t testing.TB, keys ...jose.JSONWebKey) []byte {
	t.Helper()
	raw := []any{attrs{"kty": "new", "kid": "unknown kind"}, attrs{"kty": "oct", "kid": "symmetric", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}}
	for _, key := range keys {
		raw = append(raw, key)
	}
	text, err := json.Marshal(attrs{"keys": raw})
	require.NoError(t, err)
	return text
}

func keyFile(t testing.TB, keys ...jose.JSONWebKey) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(file, keySetOf(t, keys...), 0o600))
	return file
}

const aliceClaims = `{id: sub, name: preferred_username, tenant: org}`

func seconds(d time.Duration) int64 { return started.Add(d).Unix() }

// TestVerifiedTokens: with keys only a valid signature names somebody.
func TestVerifiedTokens(t *testing.T) {
	rs, es, ed, foreign := newIssuer(t, jose.RS256, "rs"), newIssuer(t, jose.ES256, "es"), newIssuer(t, jose.EdDSA, ""), newIssuer(t, jose.RS256, "rs")
	ps := issuer{rs.private, jose.PS256, "rs"}
	bound := newIssuer(t, jose.RS256, "bound")
	boundKey := bound.key()
	boundKey.Algorithm = "RS256"
	encryption := newIssuer(t, jose.RS256, "enc")
	encryptionKey := encryption.key()
	encryptionKey.Use = "enc"
	file := keyFile(t, rs.key(), es.key(), ed.key(), boundKey, encryptionKey)
	f := finder(t, `[{header: {name: authorization, as: jwt, claims: `+aliceClaims+`, jwks_file: `+file+`}}]`, nil)
	alice := attrs{"sub": "42", "preferred_username": "alice", "org": "acme"}
	public, err := json.Marshal(rs.key())
	require.NoError(t, err)

	for _, tt := range []struct {
		name, header string
		want         [3]string
	}{
		{"RS256", "Bearer " + rs.sign(t, alice), [3]string{"42", "alice", "acme"}},
		{"PS256 with the same key", "Bearer " + ps.sign(t, alice), [3]string{"42", "alice", "acme"}},
		{"ES256", "bearer " + es.sign(t, alice), [3]string{"42", "alice", "acme"}},
		{"EdDSA, without a kid", ed.sign(t, alice), [3]string{"42", "alice", "acme"}},
		{"no name", "Bearer " + rs.sign(t, attrs{"sub": "42"}), [3]string{"42"}},
		{"a number of 64 bits", "Bearer " + rs.sign(t, attrs{"sub": int64(9007199254740993)}), [3]string{"9007199254740993"}},
		{"valid", "Bearer " + rs.sign(t, with(alice, attrs{"nbf": seconds(-time.Hour), "exp": seconds(time.Hour)})), [3]string{"42", "alice", "acme"}},
		{"expired within the leeway", "Bearer " + rs.sign(t, with(alice, attrs{"exp": seconds(-30 * time.Second)})), [3]string{"42", "alice", "acme"}},
		{"expired", "Bearer " + rs.sign(t, with(alice, attrs{"exp": seconds(-2 * time.Minute)})), [3]string{}},
		{"not yet valid", "Bearer " + rs.sign(t, with(alice, attrs{"nbf": seconds(2 * time.Minute)})), [3]string{}},
		{"exp is a text", "Bearer " + rs.sign(t, with(alice, attrs{"exp": "tomorrow"})), [3]string{}},
		{"exp is enormous", "Bearer " + rs.sign(t, with(alice, attrs{"exp": 1e300})), [3]string{}},
		{"no sub", "Bearer " + rs.sign(t, attrs{"preferred_username": "alice"}), [3]string{}},
		{"sub is a list", "Bearer " + rs.sign(t, attrs{"sub": []any{"42"}}), [3]string{}},
		{"sub has a NUL", "Bearer " + rs.sign(t, attrs{"sub": "4\x002"}), [3]string{}},
		{"the name has a NUL", "Bearer " + rs.sign(t, with(alice, attrs{"preferred_username": "a\x00"})), [3]string{"42", "", "acme"}},
		{"the key of somebody else", "Bearer " + foreign.sign(t, alice), [3]string{}},
		{"an unknown kid", "Bearer " + issuer{rs.private, jose.RS256, "other"}.sign(t, alice), [3]string{}},
		{"the kid of another key", "Bearer " + issuer{rs.private, jose.RS256, "es"}.sign(t, alice), [3]string{}},
		{"another algorithm than the key's", "Bearer " + issuer{bound.private, jose.PS256, "bound"}.sign(t, alice), [3]string{}},
		{"a key for encryption", "Bearer " + encryption.sign(t, alice), [3]string{}},
		{"HMAC with the public key", "Bearer " + sign(t, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: "rs"}}, alice), [3]string{}},
		{"HMAC with the symmetric key", "Bearer " + sign(t, jose.SigningKey{Algorithm: jose.HS256,
			Key: jose.JSONWebKey{Key: []byte("secret-secret-secret-secret-secret"), KeyID: "symmetric"}}, alice), [3]string{}},
		{"alg none", "Bearer " + unsigned(`{"alg":"none"}`, `{"sub":"42"}`, ""), [3]string{}},
		{"alg none with a signature", "Bearer " + unsigned(`{"alg":"none","kid":"rs"}`, `{"sub":"42"}`, "x"), [3]string{}},
		{"alg None", "Bearer " + unsigned(`{"alg":"None","kid":"rs"}`, `{"sub":"42"}`, "x"), [3]string{}},
		{"no signature", "Bearer " + unsigned(`{"alg":"RS256","kid":"rs"}`, `{"sub":"42"}`, ""), [3]string{}},
		{"a key in the token", "Bearer " + unsigned(`{"alg":"RS256","jwk":`+string(public)+`}`, `{"sub":"42"}`, "x"), [3]string{}},
		{"changed claims", "Bearer " + changed(rs.sign(t, alice)), [3]string{}},
		{"an opaque token", "Bearer yQA8zPoXphIUNww8rQHiselpslnOkJKQ", [3]string{}},
		{"five parts", "Bearer a.b.c.d.e", [3]string{}},
		{"three parts of nothing", "Bearer ..", [3]string{}},
		{"three parts of rubbish", "Bearer %%%.\x00.===", [3]string{}},
		{"JSON", `Bearer {"payload":"e30","signatures":[]}`, [3]string{}},
		{"a giant", "Bearer " + rs.sign(t, with(alice, attrs{"x": strings.Repeat("x", 1<<20)})), [3]string{}},
		{"deep", "Bearer " + unsigned(`{"alg":"RS256","kid":"rs"}`, strings.Repeat("[", 10000), "x"), [3]string{}},
		{"another scheme", "DPoP " + rs.sign(t, alice), [3]string{}},
		{"two tokens", "Bearer " + rs.sign(t, alice) + ", Bearer " + es.sign(t, alice), [3]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // the second time from memory
				who, claimed := identified(t, f, requestWith(attrs{authorization: tt.header}))
				assert.Equal(t, tt.want, who)
				assert.False(t, claimed)
			}
			who, _ := identified(t, f, requestWith(attrs{authorization: tt.header, "http.response.status_code": 403}))
			assert.Equal(t, tt.want, who, "a signature is a proof, whatever the answer")
			who, _ = identified(t, f, requestWith(attrs{authorization: tt.header, "http.response.status_code": 401}))
			assert.Zero(t, who)
			who, _ = identified(t, f, requestWith(attrs{authorization: tt.header, "http.request.method": "POST", "url.path": "/api/login"}))
			assert.Zero(t, who, "a token of before the login")
		})
	}
}

func changed(token string) string {
	parts := strings.Split(token, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1"}`))
	return strings.Join(parts, ".")
}

// TestReadTokens: without keys a token names somebody if the server has done what was
// asked, and the row says that nobody has verified it.
func TestReadTokens(t *testing.T) {
	f := finder(t, `[{header: {name: authorization, as: jwt, claims: `+aliceClaims+`}}]`, nil)
	hs := jose.SigningKey{Algorithm: jose.HS256, Key: []byte("secret-secret-secret-secret-secret")}
	alice := attrs{"sub": "42", "preferred_username": "alice", "org": "acme"}
	for _, tt := range []struct {
		name, header string
		code         int
		want         string
	}{
		{"HS256", "Bearer " + sign(t, hs, alice), 200, "42"},
		{"RS256", "Bearer " + newIssuer(t, jose.RS256, "x").sign(t, alice), 201, "42"},
		{"refused", "Bearer " + sign(t, hs, alice), 401, ""},
		{"forbidden", "Bearer " + sign(t, hs, alice), 403, ""},
		{"not there", "Bearer " + sign(t, hs, alice), 404, ""},
		{"to the login", "Bearer " + sign(t, hs, alice), 302, ""},
		{"expired", "Bearer " + sign(t, hs, with(alice, attrs{"exp": seconds(-time.Hour)})), 200, ""},
		{"alg none", "Bearer " + unsigned(`{"alg":"none"}`, `{"sub":"42"}`, ""), 200, ""},
		{"no signature", "Bearer " + unsigned(`{"alg":"HS256"}`, `{"sub":"42"}`, ""), 200, ""},
		{"opaque", "Bearer abc", 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, claimed := identified(t, f, requestWith(attrs{authorization: []any{tt.header}, "http.response.status_code": tt.code}))
			assert.Equal(t, tt.want, who[0])
			assert.Equal(t, tt.want != "", claimed)
		})
	}
}

func TestClaims(t *testing.T) {
	for _, tt := range []struct {
		name, settings string
		claims         attrs
		want           [3]string
	}{
		{"defaults", "", attrs{"sub": "42", "preferred_username": "alice"}, [3]string{"42"}},
		{"only a name", "claims: {name: name}", attrs{"sub": "42", "name": "Alice A."}, [3]string{"42", "Alice A."}},
		{"within a claim", "claims: {id: user.id, tenant: user.org.name}",
			attrs{"user": attrs{"id": 7, "org": attrs{"name": "acme"}}}, [3]string{"7", "", "acme"}},
		{"a name with dots", `claims: {id: "https://example.com/id"}`, attrs{"https://example.com/id": "7"}, [3]string{"7"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := finder(t, `[{header: {name: x-token, as: jwt, `+tt.settings+`}}]`, nil)
			token := sign(t, jose.SigningKey{Algorithm: jose.HS256, Key: []byte("secret-secret-secret-secret-secret")}, tt.claims)
			who, _ := identified(t, f, requestWith(attrs{"http.request.header.x_token": token}))
			assert.Equal(t, tt.want, who)
		})
	}
}

func TestIssuerAndAudience(t *testing.T) {
	rs := newIssuer(t, jose.RS256, "rs")
	f := finder(t, `[{header: {name: authorization, as: jwt, jwks_file: `+keyFile(t, rs.key())+`, issuer: "https://a", audience: shop, algorithms: RS256}}]`, nil)
	for want, claims := range map[string]attrs{
		"one": {"iss": "https://a", "aud": "shop"}, "two": {"iss": "https://a", "aud": []any{"blog", "shop"}},
	} {
		who, _ := identified(t, f, requestWith(attrs{authorization: "Bearer " + rs.sign(t, with(claims, attrs{"sub": want}))}))
		assert.Equal(t, want, who[0])
	}
	for _, claims := range []attrs{{"iss": "https://b", "aud": "shop"}, {"iss": "https://a", "aud": "blog"}, {"iss": "https://a"}, {"aud": "shop"}} {
		who, _ := identified(t, f, requestWith(attrs{authorization: "Bearer " + rs.sign(t, with(claims, attrs{"sub": "x"}))}))
		assert.Zero(t, who)
	}
	who, _ := identified(t, f, requestWith(attrs{authorization: "Bearer " + issuer{rs.private, jose.PS256, "rs"}.sign(t, attrs{"iss": "https://a", "aud": "shop", "sub": "x"})}))
	assert.Zero(t, who, "an algorithm that is not in the list")
}
