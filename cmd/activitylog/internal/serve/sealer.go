package serve

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// sealer keeps values in cookies that nobody else can read or make. Its key lasts as long as
// the process, so a restart ends all sessions.
type sealer struct {
	name string // of the cookie
	aead cipher.AEAD
}

func newSealer(name string) *sealer {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it does not fail
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // of the length of the key alone
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return &sealer{name: name, aead: aead}
}

// set sets the cookie to a value, or removes it if that is nil. It is sent by navigations
// from elsewhere, as the one back from the issuer, but not by requests of other pages.
func (s *sealer) set(w http.ResponseWriter, value any, lasts time.Duration) {
	cookie := &http.Cookie{Name: s.name, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	if value != nil {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // of our own types: never
		}
		cookie.Value = base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, text, []byte(s.name)))
		cookie.MaxAge = int(lasts / time.Second)
	}
	http.SetCookie(w, cookie)
}

// open reads the value of the cookie, and reports whether there is one.
func (s *sealer) open(r *http.Request, value any) bool {
	cookie, err := r.Cookie(s.name)
	if err != nil {
		return false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(sealed) < s.aead.Overhead() {
		return false
	}
	text, err := s.aead.Open(nil, nil, sealed, []byte(s.name))
	return err == nil && json.Unmarshal(text, value) == nil
}
