package redact

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/internal/plain"
)

// changes masks the values of changes whose path names a secret anywhere:
// "credentials.user", "tokens[0]" and "items[id=7].password". They would be below the key
// of that secret if they were nested.
func (w *work) changes(v pcommon.Value) {
	if v.Type() != pcommon.ValueTypeMap {
		return
	}
	for path, change := range v.Map().All() {
		if !strings.ContainsAny(path, ".[") {
			continue // any other key is one of those in values.go
		}
		for name := range plain.Names(path) {
			if w.c.secrets.has(name) {
				maskValue(change)
				break
			}
		}
	}
}
