package credentials_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"
)

// issuer signs JSON web tokens, written here by hand: what is tested must not check
// itself.
type issuer struct{ key *rsa.PrivateKey }

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{key}
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encodedJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return encoded(text)
}

// sign returns a token with an RS256 signature, whatever algorithm its header names.
func (i issuer) sign(t *testing.T, algorithm string, claims map[string]any) string {
	t.Helper()
	text := encodedJSON(t, map[string]any{"alg": algorithm, "kid": "one"}) + "." + encodedJSON(t, claims)
	hash := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encoded(signature)
}

// keys returns the key set.
func (i issuer) keys(t *testing.T) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "kid": "one", "use": "sig", "n": encoded(i.key.N.Bytes()), "e": encoded(big.NewInt(int64(i.key.E)).Bytes()),
	}}})
	if err != nil {
		t.Error(err)
	}
	return text
}
