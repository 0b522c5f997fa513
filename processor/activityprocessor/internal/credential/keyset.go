package credential

import (
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// keySet are the public keys of an issuer. It never changes.
type keySet struct {
	keys []jose.JSONWebKey
	text []byte
}

// maxKeys is how many keys are tried for a token that does not say which one it is of.
const maxKeys = 16

// parseKeys reads a JSON Web Key Set (RFC 7517). Keys of a kind that is not known, or that
// are not for signatures, are left out.
func parseKeys(text []byte) (*keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, errors.New("it is not a JSON Web Key Set")
	}
	set := &keySet{text: text}
	for _, one := range raw.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(one, &key) != nil || key.Use != "" && key.Use != "sig" {
			continue
		}
		if key = key.Public(); key.Valid() && key.IsPublic() {
			set.keys = append(set.keys, key)
		}
	}
	if len(set.keys) == 0 {
		return nil, errors.New("it has no public key for signatures")
	}
	return set, nil
}

// verify returns the payload of a token with a valid signature. known reports whether
// there is a key that the token may be of.
func (s *keySet) verify(signed *jose.JSONWebSignature) (payload []byte, known bool) {
	header := signed.Signatures[0].Header
	tried := 0
	for i := range s.keys {
		key := &s.keys[i]
		if header.KeyID != "" && key.KeyID != header.KeyID {
			continue
		}
		known = true
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, true
		}
		if tried++; tried == maxKeys {
			break
		}
	}
	return nil, known
}
