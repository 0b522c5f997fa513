package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// What services write when they know nobody is no user.
func TestUserID(t *testing.T) {
	for _, nobody := range []any{
		"", " ", "null", "nil", "<nil>", "None", "undefined", "NaN", "[object Object]", "AnonymousUser", "anonymousUser",
		"anonymous", "-", "0", "-1", "00000000-0000-0000-0000-000000000000", "[REDACTED]", "n/a",
		0, -1, true, false, []any{"alice", "bob"}, map[string]any{"id": "alice"}, nil,
	} {
		v := pcommon.NewValueEmpty()
		require.NoError(t, v.FromRaw(nobody))
		assert.Empty(t, UserID(v), "%v", nobody)
	}
	for somebody, want := range map[any]string{
		"alice": "alice", " alice ": "alice", 42: "42", 42.0: "42", "guest": "guest", "nullman": "nullman", "00": "00",
		"0f8fad5b-d9cb-469f-a165-70867728950e": "0f8fad5b-d9cb-469f-a165-70867728950e",
	} {
		v := pcommon.NewValueEmpty()
		require.NoError(t, v.FromRaw(somebody))
		assert.Equal(t, want, UserID(v))
	}
}
