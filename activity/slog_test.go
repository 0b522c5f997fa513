package activity_test

import (
	"log/slog"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

// Values of each type are texts for a handler of log/slog.
func TestLogValue(t *testing.T) {
	id := activity.NewID()
	for want, value := range map[string]any{
		"Update": activity.ActionUpdate, "Failed": activity.StatusFailed, "user": activity.ActorUser,
		"declared": activity.SourceDeclared, id.String(): id,
	} {
		if got := slog.AnyValue(value).Resolve(); got.Kind() != slog.KindString || got.String() != want {
			t.Errorf("%T: got %v, want the text %q", value, got, want)
		}
	}
}
