package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// minKey is how many bytes a key has at least.
const minKey = 16

// hasher computes a pseudonym of a value: the same for the same value, and of no use
// without the key.
type hasher struct {
	key    []byte
	prefix string
}

// newHasher reads the key.
func newHasher(cfg *HMACConfig) (*hasher, error) {
	var key, where string
	if cfg.KeyFile != "" {
		where = "key_file: " + cfg.KeyFile
		content, err := os.ReadFile(cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("hmac: key_file: %w", err)
		}
		key = string(content)
	} else {
		where = "key_env: " + cfg.KeyEnv
		key = os.Getenv(cfg.KeyEnv)
	}
	if key = strings.TrimSpace(key); len(key) < minKey {
		return nil, fmt.Errorf("hmac: %s: has a key of %d bytes, and %d are the least; openssl rand -hex 32 makes one", where, len(key), minKey)
	}
	return &hasher{key: []byte(key), prefix: "hmac:" + cfg.KeyID + ":"}, nil
}

var isHash = regexp.MustCompile(`^hmac:[^:\s]+:[0-9a-f]{32}$`)

// hash returns "hmac:", the id of the key, ":" and 128 bits of the HMAC-SHA256 in
// hexadecimal. A value that is a hash already is not changed.
func (h *hasher) hash(value string) string {
	if isHash.MatchString(value) {
		return value
	}
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(value))
	return h.prefix + hex.EncodeToString(mac.Sum(nil)[:16])
}
