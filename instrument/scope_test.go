package instrument_test

import (
	"context"
	"testing"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

func TestScope(t *testing.T) {
	rec, opts := newRecorded(t)
	instrument.NewRecorder(opts...).Record(context.Background(), activity.Activity{ActionType: activity.ActionRead})
	scope := rec.records[0].InstrumentationScope()
	if scope.Name != "github.com/otelactivity/activitylog/instrument" || scope.Version != instrument.Version ||
		scope.SchemaURL != semconv.SchemaURL {
		t.Errorf("scope %q, version %q, schema URL %q", scope.Name, scope.Version, scope.SchemaURL)
	}
}

// The keys of package activity, which imports only the standard library, are those
// of the conventions that the schema URL names.
func TestConventions(t *testing.T) {
	for got, want := range map[string]string{
		activity.ErrorTypeKey:     string(semconv.ErrorTypeKey),
		activity.ClientAddressKey: string(semconv.ClientAddressKey),
		activity.UserAgentKey:     string(semconv.UserAgentOriginalKey),
		activity.SessionIDKey:     string(semconv.SessionIDKey),
		activity.ServiceNameKey:   string(semconv.ServiceNameKey),
		activity.LogRecordUIDKey:  string(semconv.LogRecordUIDKey),
	} {
		if got != want {
			t.Errorf("key %q; the semantic conventions have %q", got, want)
		}
	}
}
