package plain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
)

// Masked is what is recorded of a masked value.
const Masked = "****"

// secret is a value that is not recorded as it is.
type secret struct {
	v    reflect.Value
	rule rule
}

var secretType = reflect.TypeFor[secret]()

// Mask returns what Of and Diff treat like a field with the tag "mask".
func Mask(value any) any { return secret{reflect.ValueOf(value), mask} }

// Hash returns what Of and Diff treat like a field with the tag "hash".
func Hash(value any) any { return secret{reflect.ValueOf(value), hash} }

// reveal returns what is recorded of a secret. That there is none is no secret.
func (s secret) reveal() any {
	if s.rule == leaveOut {
		return nil
	}
	value := s.raw()
	switch {
	case value == nil || value == "":
		return value
	case s.rule == hash:
		return digest(value)
	}
	return Masked
}

// raw returns the secret itself, to be compared.
func (s secret) raw() any {
	c := copier{raw: true, nodes: maxNodes}
	return c.copy(s.v, maxDepth)
}

// digestBytes is how much of a SHA-256 is recorded: as much as of secrets in paths.
const digestBytes = 8

// digest returns the beginning of the SHA-256 of a text or of bytes, or of the JSON of
// any other plain value: "sha256:9f86d081884c7d65".
func digest(value any) string {
	var text []byte
	switch v := value.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		var err error
		if text, err = json.Marshal(v); err != nil { // never: the value is plain
			return Masked
		}
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:digestBytes])
}
