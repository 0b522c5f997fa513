package preset

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func TestStatusCodes(t *testing.T) {
	for want, r := range map[string]record.RPC{
		"OK":                {OldCode: "0"},
		"UNAUTHENTICATED":   {OldCode: "16"},
		"NOT_FOUND":         {Code: "NOT_FOUND", OldCode: "0"},
		"PERMISSION_DENIED": {ConnectCode: "permission_denied"},
		"-32601":            {JSONRPCCode: "-32601"},
		"99":                {OldCode: "99"},
		"-1":                {OldCode: "-1"},
		"":                  {},
	} {
		assert.Equal(t, want, codeOf(&r))
	}
}

// The same code comes in the words of each system.
func TestSpellingsOfCodes(t *testing.T) {
	for code, want := range map[string]string{
		"ok": "OK", "Ok": "OK", "0": "OK", "permission_denied": "PERMISSION_DENIED", "PermissionDenied": "PERMISSION_DENIED", "Unauthenticated": "UNAUTHENTICATED",
		"NotFound": "NOT_FOUND", "canceled": "CANCELLED", "Canceled": "CANCELLED", "17": "17", "-32601": "-32601", "MyError": "MyError", "com.example.NotFound": "com.example.NotFound",
	} {
		assert.Equal(t, want, codeOf(&record.RPC{Code: code}), code)
	}
}
