package activity_test

import (
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestColumns(t *testing.T) {
	names, keys := map[string]bool{}, map[string]bool{}
	for _, c := range activity.Columns() {
		if c.Name == "" || names[c.Name] || c.Key != "" && keys[c.Key] || c.Meaning == "" {
			t.Errorf("%+v lacks something, or has the name or key of another column", c)
		}
		names[c.Name], keys[c.Key] = true, true
	}
	changed := activity.Columns()
	changed[0].Name = "changed"
	if got := activity.Columns()[0].Name; got != "event_id" {
		t.Errorf("the first column is %q; callers can change the table", got)
	}
}
