package redact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLengthOfTheKey: 16 bytes are the least, without the white space around them.
func TestLengthOfTheKey(t *testing.T) {
	for length, valid := range map[int]bool{0: false, 1: false, 15: false, 16: true, 17: true, 64: true, 1000: true} {
		for around, fill := range map[string]string{"nothing": "%", "lines": "\n %\r\n\n", "tabs": "\t%\t"} {
			file := filepath.Join(t.TempDir(), "key")
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(fill, "%", strings.Repeat("k", length), 1)), 0o600))
			c, err := New(Config{Enabled: true, HMAC: HMACConfig{KeyFile: file, KeyID: "1"}}, 0)
			assert.Equal(t, valid, err == nil && c != nil, "%d bytes with %s around them: %v", length, around, err)
			if err != nil {
				assert.NotContains(t, err.Error(), "kk", "the error contains the key")
			}
		}
	}
	_, err := New(Config{Enabled: true, HMAC: HMACConfig{KeyEnv: "ACTIVITY_NO_SUCH_VARIABLE", KeyID: "1"}}, 0)
	assert.ErrorContains(t, err, "ACTIVITY_NO_SUCH_VARIABLE")
}
