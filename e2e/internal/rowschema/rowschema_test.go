package rowschema

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// TestFaults has a row that is right, and the same with a fault.
func TestFaults(t *testing.T) {
	right := reader.Row{
		EventID: activity.NewID(), ActionTime: time.Now().UTC().Truncate(time.Microsecond), RecordedAt: time.Now().UTC().Truncate(time.Microsecond),
		ActionType: activity.ActionUpdate, Status: activity.StatusSuccess, Source: activity.SourceDeclared, Data: json.RawMessage(`{}`),
	}
	Check(t, right)
	for name, change := range map[string]func(*reader.Row){
		"another zone":   func(r *reader.Row) { r.ActionTime = r.ActionTime.In(time.FixedZone("", 3600)) },
		"no action":      func(r *reader.Row) { r.ActionType = "" },
		"data is a list": func(r *reader.Row) { r.Data = json.RawMessage(`[]`) },
		"another status": func(r *reader.Row) { r.Status = "done" },
	} {
		wrong := right
		change(&wrong)
		line, err := json.Marshal(wrong)
		if err != nil {
			t.Fatal(err)
		}
		if got := faults(t, line); len(got) != 2 {
			t.Errorf("%s: got %v, want a fault of the row and one of the export", name, got)
		}
	}
}
