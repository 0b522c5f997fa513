package activitytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/activitytest"
)

func record(t *testing.T, all ...activity.Activity) *activitytest.Recorder {
	rec := activitytest.NewRecorder()
	recorder := instrument.NewRecorder(rec.Option())
	for _, a := range all {
		recorder.Record(t.Context(), a)
	}
	return rec
}

func deleted(id string) activity.Activity {
	return activity.Activity{Actor: alice, ActionType: activity.ActionDelete, Object: activity.Object{Type: "article", ID: id}}
}

// Only what is set in want is compared, and in whatever form it is written.
func TestWhatIsNotComparedOrTheSame(t *testing.T) {
	for name, want := range map[string]activity.Activity{
		"nothing":             {},
		"one field":           {Remarks: "alice published it"},
		"a part of the actor": {Actor: activity.Actor{TenantID: "acme"}},
		"one member":          {Data: map[string]any{"f": float32(1.5)}},
		"another number type": {Data: map[string]any{"n": 1 << 60, "ok": true}},
		"lists and bytes":     {Data: map[string]any{"list": []string{}, "bytes": []byte{1}, "none": nil}},
		"a struct": {Data: map[string]any{"changes": struct {
			Title []any `json:"title"`
		}{[]any{"a", nil}}}},
		"a parent":           {Object: activity.Object{Parent: &activity.Object{ID: "17"}}},
		"the parent as data": {Data: map[string]any{"parent": map[string]any{"type": "article", "id": "17"}}},
		"another time zone":  {Time: full.Time.In(time.FixedZone("", 3600)).Add(time.Nanosecond)},
	} {
		t.Run(name, func(t *testing.T) { record(t, full).Want(t, want) })
	}
}

func TestMessages(t *testing.T) {
	for name, tt := range map[string]struct {
		got, want []activity.Activity
		message   string
	}{
		"fields": {
			[]activity.Activity{full},
			[]activity.Activity{{
				Actor: activity.Actor{ID: "9"}, Status: activity.StatusSuccess, Object: activity.Object{Parent: &activity.Object{ID: "18"}},
				Data: map[string]any{"changes": map[string]any{"title": []string{"<a>"}}, "more": 1}, Time: full.Time.Add(time.Second),
			}},
			`
activities are not as wanted (1 recorded, 1 wanted):
	activity 1 (alice published it):
		Time: got "2026-01-02T03:04:05.000006Z", want "2026-01-02T03:04:06.000006Z"
		Actor.ID: got "1", want "9"
		Status: got "Failed", want "Success"
		Object.Parent.ID: got "17", want "18"
		Data["changes"]: got {"title":["a",null]}, want {"title":["<a>"]}
		Data["more"]: got none, want 1`,
		},
		"one too many": {
			[]activity.Activity{deleted("1"), {ActionType: "Read"}, deleted("2")}, []activity.Activity{deleted("1"), deleted("2")},
			`
activities are not as wanted (3 recorded, 2 wanted):
	activity 2 is not wanted: ActionType "Read", Status "Success", Remarks "anonymous: Read"`,
		},
		"one missing, one different": {
			[]activity.Activity{deleted("2"), deleted("3")}, []activity.Activity{full, deleted("2"), deleted("4")},
			`
activities are not as wanted (2 recorded, 3 wanted):
	wanted activity 1 is missing: Actor.ID "1", Actor.Type "service"`,
		},
		"nothing wanted": {
			[]activity.Activity{deleted("1")}, nil,
			`
activities are not as wanted (1 recorded, 0 wanted):
	activity 1 is not wanted: Actor.ID "1", Actor.Type "user", Actor.Name "alice", ActionType "Delete", Status "Success", ` +
				`Object.Type "article", Object.ID "1", Remarks "alice deleted article 1"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a message about one that is missing takes as long as the wait
			var f failures
			record(t, tt.got...).Want(&f, tt.want...)
			if name == "one missing, one different" {
				for _, part := range []string{tt.message[1:], "\tactivity 2 (alice deleted article 3):\n\t\tObject.ID: got \"3\", want \"4\""} {
					if !strings.Contains(f.String(), part) {
						t.Errorf("%q is not in\n%s", part, &f)
					}
				}
				return
			}
			golden(t, &f, tt.message)
		})
	}
}

// One want may match several activities: whichever it takes, the others find theirs.
func TestAnyOrder(t *testing.T) {
	rec := record(t, deleted("1"), deleted("2"), deleted("3"))
	rec.WantAnyOrder(t, activity.Activity{Actor: alice}, activity.Activity{Object: activity.Object{Type: "article"}}, deleted("1"))
	var f failures
	rec.WantAnyOrder(&f, deleted("3"), deleted("4"), deleted("1"))
	golden(t, &f, `
activities are not as wanted (3 recorded, 3 wanted):
	activity 2 (alice deleted article 2):
		Object.ID: got "2", want "4"`)
	f = failures{}
	rec.Want(&f, deleted("3"), deleted("2"), deleted("1"))
	if len(f.messages) != 1 {
		t.Errorf("another order: %q", f.messages)
	}
}
