package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// A method counts as the client sent it, in capitals.
func TestMethod(t *testing.T) {
	for _, test := range []struct {
		attrs map[string]any
		want  string
	}{
		{map[string]any{"http.request.method": "PUT"}, "PUT"},
		{map[string]any{"http.method": "put"}, "PUT"},
		{map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "MOVE"}, "MOVE"},
		{map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "delete"}, "DELETE"},
		{map[string]any{"http.request.method": "_OTHER"}, "_OTHER"},
		{map[string]any{"http.request.method": "GET", "http.request.method_original": "DELETE"}, "GET"},
	} {
		attrs := pcommon.NewMap()
		require.NoError(t, attrs.FromRaw(test.attrs))
		facts := FactsOf(attrs)
		assert.Equal(t, test.want, facts.Request.Method, "%v", test.attrs)
	}
}
