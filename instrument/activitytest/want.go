package activitytest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// Want fails the test if the recorded activities are not the wanted ones, in their order. The
// message has all differences. Without any in want, nothing may be recorded.
//
// Only the fields that are set in want are compared. Of Data, the members that are in want are
// compared, each as a whole: numbers by their value, everything else by its JSON. What a want
// says is converted as package instrument converts it, so it may hold a []string or a time.
//
// Want waits for as many activities as are wanted. It cannot know of those that come later.
func (rec *Recorder) Want(tb testing.TB, want ...activity.Activity) {
	tb.Helper()
	got := rec.Wait(len(want))
	asRecorded := toRecorded(want)
	pairs := align(got, asRecorded)
	if message := describePairs(got, asRecorded, pairs); message != "" {
		tb.Errorf("activities are not as wanted (%d recorded, %d wanted):\n%s", len(got), len(want), message)
	}
}

// WantAnyOrder is [Recorder.Want] for requests that run at the same time: the activities may be
// recorded in any order.
func (rec *Recorder) WantAnyOrder(tb testing.TB, want ...activity.Activity) {
	tb.Helper()
	got := rec.Wait(len(want))
	asRecorded := toRecorded(want)
	pairs := assign(got, asRecorded)
	if message := describePairs(got, asRecorded, pairs); message != "" {
		tb.Errorf("activities are not as wanted (%d recorded, %d wanted):\n%s", len(got), len(want), message)
	}
}

// toRecorded returns the wanted activities with the data that they have after recording.
func toRecorded(want []activity.Activity) []activity.Activity {
	rec := NewRecorder()
	recorder := instrument.NewRecorder(rec.Option())
	converted := make([]activity.Activity, len(want))
	for i, w := range want {
		recorder.Record(context.Background(), activity.Activity{
			ActionType: activity.ActionRead, Data: w.Data, Object: activity.Object{Parent: w.Object.Parent}, Objects: w.Objects,
		})
		got := rec.Activities()[i]
		w.Data, w.Object.Parent, w.Objects = got.Data, got.Object.Parent, got.Objects
		converted[i] = w
	}
	return converted
}

// field is a set field of an activity.
type field struct{ name, text string }

// fieldsOf returns the fields of an activity that are set, in their order. Each has the form in
// which it is printed and compared.
func fieldsOf(a *activity.Activity) (fields []field) {
	add := func(name, text string) {
		if text != "" {
			fields = append(fields, field{name, strconv.Quote(text)})
		}
	}
	if !a.ID.IsZero() {
		add("ID", a.ID.String())
	}
	if !a.Time.IsZero() {
		add("Time", a.Time.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano))
	}
	add("Actor.ID", a.Actor.ID)
	add("Actor.Type", string(a.Actor.Type))
	add("Actor.Name", a.Actor.Name)
	add("Actor.ImpersonatorID", a.Actor.ImpersonatorID)
	add("Actor.TenantID", a.Actor.TenantID)
	add("ActionType", string(a.ActionType))
	add("ActionName", a.ActionName)
	add("Status", string(a.Status))
	add("ErrorType", a.ErrorType)
	object := func(name string, o *activity.Object) {
		for ; o != nil; o = o.Parent {
			add(name+".Type", o.Type)
			add(name+".ID", o.ID)
			add(name+".Name", o.Name)
			name += ".Parent"
		}
	}
	object("Object", &a.Object)
	for i := range a.Objects {
		object(fmt.Sprintf("Objects[%d]", i), &a.Objects[i])
	}
	if !a.BatchID.IsZero() {
		add("BatchID", a.BatchID.String())
	}
	add("Remarks", a.Remarks)
	for _, key := range slices.Sorted(maps.Keys(a.Data)) {
		fields = append(fields, field{fmt.Sprintf("Data[%q]", key), jsonOf(a.Data[key])})
	}
	add("ClientAddress", a.ClientAddress)
	add("UserAgent", a.UserAgent)
	add("SessionID", a.SessionID)
	return fields
}

// jsonOf returns the JSON of plain data, in which 1 and 1.0 are the same.
func jsonOf(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// differences returns a line for each set field of want that got does not have.
func differences(got, want *activity.Activity) (lines []string) {
	has := map[string]string{}
	for _, f := range fieldsOf(got) {
		has[f.name] = f.text
	}
	for _, f := range fieldsOf(want) {
		switch text, ok := has[f.name]; {
		case !ok:
			lines = append(lines, fmt.Sprintf("%s: got none, want %s", f.name, f.text))
		case text != f.text:
			lines = append(lines, fmt.Sprintf("%s: got %s, want %s", f.name, text, f.text))
		}
	}
	return lines
}
