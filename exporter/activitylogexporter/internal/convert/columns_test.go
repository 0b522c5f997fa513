package convert

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func TestColumnOfKey(t *testing.T) {
	for _, c := range activity.Columns() {
		i := column(c.Key)
		switch c.Name {
		case "event_id", "action_time", "recorded_at", "data", "service_name", "trace_id", "span_id":
			if i >= 0 {
				t.Errorf("%s is taken from the attribute %q alone", c.Name, c.Key)
			}
		default:
			if i < 0 || row.Names[i] != c.Name {
				t.Errorf("%q is column %d, want %s", c.Key, i, c.Name)
			}
		}
	}
}
