package credential

import (
	"encoding/base64"
	"strings"
)

// basic is a header with Basic authentication (RFC 7617).
type basic struct{ header int }

func (b basic) find(r *request) user {
	scheme, encoded, _ := strings.Cut(r.headers[b.header].one(), " ")
	if !strings.EqualFold(scheme, "basic") {
		return user{}
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(encoded), "="))
	if err != nil {
		return user{}
	}
	id, password, ok := strings.Cut(string(decoded), ":")
	if !ok || isKey(id, password) {
		return user{}
	}
	return user{id: id, claimed: true}
}

// isKey reports whether the pair is an API key, which names nobody. Services that have
// keys take them as the user without a password, or as the password of a fixed user.
func isKey(id, password string) bool {
	switch strings.ToLower(password) {
	case "", "x", "x-oauth-basic", "api_token", "unused":
		return true
	}
	switch strings.Trim(strings.ToLower(id), "_") {
	case "token", "api", "apikey", "api_key", "api-key", "key", "oauth2", "oauth2accesstoken", "x-access-token", "x-token-auth", "x-token", "json_key":
		return true
	}
	return false
}
