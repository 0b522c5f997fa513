package credential

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

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
