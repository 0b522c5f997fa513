package instrument_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"unsafe"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// memory is what a framework such as fasthttp reads requests into.
type memory []byte

// text returns s in memory that is used again.
func (m *memory) text(s string) string {
	start := len(*m)
	*m = append(*m, s...)
	return unsafe.String(&(*m)[start], len(s))
}

// reuse reads the next request.
func (m *memory) reuse() {
	for i := range *m {
		(*m)[i] = '#'
	}
}

// TestCopyText is about a framework that uses the memory of a request again before the log
// record is sent.
func TestCopyText(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	tracker.CopyText()
	m := make(memory, 0, 1000)
	r, call := tracker.Start(httptest.NewRequest("PUT", "/articles/17", nil))
	current := instrument.FromContext(r.Context())
	current.SetActor(activity.Actor{ID: m.text("9"), Name: m.text("carol"), TenantID: m.text("acme"), ImpersonatorID: m.text("1")})
	current.SetAction(activity.ActionUpdate, m.text("article.rename"))
	current.SetObject(activity.Object{Type: m.text("article"), ID: m.text("18"), Name: m.text("Hello"), Parent: &activity.Object{Type: "blog", ID: m.text("3")}})
	current.SetSession(m.text("s9"))
	current.SetChange(m.text("tags"), nil, []string{m.text("go")})
	current.SetData(m.text("raw"), []any{m.text("x"), map[string]any{m.text("k"): m.text("v")}})
	current.AddObject(activity.Object{Type: m.text("author"), ID: m.text("5"), Parent: &activity.Object{Type: "team", ID: m.text("6")}})
	current.SetErrorType(m.text("busy"))
	current.SetStatus(activity.StatusFailed)
	call.End(instrument.Answer{})
	m.reuse()
	check(t, rec.one(), map[string]string{
		activity.ActorIDKey: "9", activity.ActorNameKey: "carol", activity.TenantIDKey: "acme", activity.ImpersonatorIDKey: "1",
		activity.ActionNameKey: "article.rename", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "18", activity.ObjectNameKey: "Hello",
		activity.SessionIDKey: "s9", activity.ErrorTypeKey: "busy", activity.RemarksKey: "carol failed to update article 18 of blog 3",
		activity.DataKey: `{"changes":{"tags":[null,["go"]]},"objects":[{"id":"5","parent":{"id":"6","type":"team"},"type":"author"}],"parent":{"id":"3","type":"blog"},"raw":["x",{"k":"v"}]}`,
	})
}

// TestCopyTextOfARecorder is about activities that are recorded within such a request, and
// after it.
func TestCopyTextOfARecorder(t *testing.T) {
	for name, later := range map[string]bool{"within": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			_, opts := newRecorded(t)
			rec, recorderOpts := newRecorded(t)
			tracker := instrument.NewTracker(opts...)
			tracker.CopyText()
			m := make(memory, 0, 1000)
			r, call := tracker.Start(httptest.NewRequest("PUT", "/articles/17", nil))
			instrument.FromContext(r.Context()).SetActor(activity.Actor{ID: m.text("9"), Name: m.text("carol")})
			record := func(id string) {
				instrument.NewRecorder(recorderOpts...).Record(r.Context(), activity.Activity{ActionType: activity.ActionDelete, Object: activity.Object{Type: "draft", ID: id}})
			}
			if !later {
				record(m.text("3"))
			}
			origin := instrument.OriginOf(r.Context())
			call.End(instrument.Answer{})
			m.reuse()
			if want := (activity.Actor{ID: "9", Name: "carol"}); origin.Actor != want {
				t.Errorf("the origin is %+v", origin.Actor)
			}
			if later {
				record("3")
			}
			check(t, rec.one(), map[string]string{activity.ActorIDKey: "9", activity.ObjectIDKey: "3", activity.RemarksKey: "carol deleted draft 3"})
		})
	}
}

// TestCopyTextOfAnObjectInItself must end.
func TestCopyTextOfAnObjectInItself(t *testing.T) {
	rec, opts := newRecorded(t)
	tracker := instrument.NewTracker(opts...)
	tracker.CopyText()
	r, call := tracker.Start(httptest.NewRequest("PUT", "/articles/17", nil))
	folder := &activity.Object{Type: "folder"}
	folder.Parent = folder
	instrument.FromContext(r.Context()).SetActor(carol)
	instrument.FromContext(r.Context()).SetObject(activity.Object{Parent: folder})
	call.End(instrument.Answer{})
	check(t, rec.one(), map[string]string{activity.ObjectIDKey: "17"})
}

type ownContext struct {
	context.Context
	key, value any
}

func (c ownContext) Value(key any) any {
	if key == c.key {
		return c.value
	}
	return c.Context.Value(key)
}

// TestContextValue is about a framework with a context of its own.
func TestContextValue(t *testing.T) {
	_, opts := newRecorded(t)
	r, call := instrument.NewTracker(opts...).Start(httptest.NewRequest("PUT", "/articles/17", nil))
	key, value := call.ContextValue()
	if got := instrument.FromContext(ownContext{t.Context(), key, value}); got == nil || got != instrument.FromContext(r.Context()) {
		t.Errorf("found %p", got)
	}
	key, value = instrument.Call{}.ContextValue()
	if got := instrument.FromContext(ownContext{t.Context(), key, value}); got != nil {
		t.Errorf("found %p", got)
	}
}
