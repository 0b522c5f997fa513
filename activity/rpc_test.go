package activity_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestRPCStatus(t *testing.T) {
	for _, tt := range []struct {
		code, name string
		http       int
	}{
		{"0", "OK", 200}, {"OK", "OK", 200}, {"ok", "OK", 200}, {"7", "PERMISSION_DENIED", 403}, {"permission_denied", "PERMISSION_DENIED", 403},
		{"PermissionDenied", "PERMISSION_DENIED", 403}, {"16", "UNAUTHENTICATED", 401}, {"Canceled", "CANCELLED", 499}, {"canceled", "CANCELLED", 499},
		{"cancelled", "CANCELLED", 499}, {"5", "NOT_FOUND", 404}, {"6", "ALREADY_EXISTS", 409}, {"3", "INVALID_ARGUMENT", 400},
		{"8", "RESOURCE_EXHAUSTED", 429}, {"14", "UNAVAILABLE", 503}, {"12", "UNIMPLEMENTED", 501}, {"4", "DEADLINE_EXCEEDED", 504},
		{"17", "17", 500}, {"-1", "-1", 500}, {"", "", 500}, {"broken", "broken", 500}, {"13", "INTERNAL", 500}, {"15", "DATA_LOSS", 500},
		{"2", "UNKNOWN", 500}, {"9", "FAILED_PRECONDITION", 400}, {"10", "ABORTED", 409}, {"11", "OUT_OF_RANGE", 400},
	} {
		if got := activity.RPCStatus(tt.code); got != tt.name {
			t.Errorf("RPCStatus(%q) = %q, want %q", tt.code, got, tt.name)
		}
		if got := activity.HTTPFromRPC(tt.name); got != tt.http {
			t.Errorf("HTTPFromRPC(%q) = %d, want %d", tt.name, got, tt.http)
		}
	}
}
