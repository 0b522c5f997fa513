package row_test

import (
	"math"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// A text column holds what was sent, also where it is a list or a map with a number
// that JSON has not.
func TestNumbersThatJSONHasNot(t *testing.T) {
	r := record(func(r plog.LogRecord) {
		r.Body().SetEmptyMap().PutDouble("n", math.NaN())
		list := r.Attributes().PutEmptySlice(activity.ObjectNameKey)
		list.AppendEmpty().SetDouble(math.Inf(1))
		list.AppendEmpty().SetStr("x")
	})
	if got, want := r.Text[row.Remarks], `{"n":"NaN"}`; got != want {
		t.Errorf("remarks: got %q, want %q", got, want)
	}
	if got, want := r.Text[row.ObjectName], `["+Inf","x"]`; got != want {
		t.Errorf("object_name: got %q, want %q", got, want)
	}
}
