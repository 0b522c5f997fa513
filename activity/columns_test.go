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

func TestColumnOfKey(t *testing.T) {
	for i, c := range activity.Columns() {
		if got := activity.ColumnOfKey(c.Key); c.Key != "" && got != i {
			t.Errorf("%q is column %d, want %d", c.Key, got, i)
		}
	}
	for _, key := range []string{"", "activity", "activity.actor.idx", "http.request.method"} {
		if i := activity.ColumnOfKey(key); i >= 0 {
			t.Errorf("%q is column %d", key, i)
		}
	}
}

func BenchmarkColumnOfKey(b *testing.B) {
	keys := []string{activity.ActorIDKey, activity.ObjectTypeKey, activity.ClientAddressKey, "http.request.method"}
	for b.Loop() {
		for _, key := range keys {
			activity.ColumnOfKey(key)
		}
	}
}
