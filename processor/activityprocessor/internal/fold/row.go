package fold

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// part is what a record consists of, for a row.
type part struct {
	resource, attrs pcommon.Map
	body            *pcommon.Value // of a log record, nil of a span
}

// row is the row of several refusals: what all of them have in common, with the id of the
// first of them.
type row[T any] struct {
	batch T // with one record, whose parts these are
	part

	count       int
	first, last time.Time
	sentences   bool // all have the default remarks, or log lines that differ
}

// begin makes w the row of one refusal.
func (w *row[T]) begin(id activity.ID) {
	w.count, w.first, w.last = 1, id.Time(), id.Time()
	w.sentences = w.body == nil && isSentence(w.attrs)
}

// add counts a further refusal.
func (w *row[T]) add(id activity.ID, other part) {
	w.count++
	if t := id.Time(); t.After(w.last) {
		w.last = t
	} else if t.Before(w.first) {
		w.first = t
	}
	w.compareRemarks(other)
	keepEqual(w.resource, other.resource)
	before := w.attrs.Len()
	w.attrs.RemoveIf(func(key string, v pcommon.Value) bool {
		o, ok := other.attrs.Get(key)
		switch {
		case key == activity.IDKey || key == activity.RemarksKey && w.sentences:
			return false
		case ok && key == activity.DataKey && v.Type() == pcommon.ValueTypeMap && o.Type() == pcommon.ValueTypeMap:
			keepEqual(v.Map(), o.Map())
			return v.Map().Len() == 0
		}
		return !ok || !v.Equal(o)
	})
	if w.attrs.Len() < before {
		w.keepObject()
	}
}

// compareRemarks finds out what to say of all. Lines of a log differ in their times and
// addresses, so the row has a sentence in their place.
func (w *row[T]) compareRemarks(other part) {
	switch {
	case w.body == nil:
		w.sentences = w.sentences && isSentence(other.attrs)
	case !w.sentences && (other.body == nil || !w.body.Equal(*other.body)):
		pcommon.NewValueEmpty().CopyTo(*w.body)
		w.sentences = true
	}
}

// keepObject removes what says nothing without the rest of the object: an id without its
// type, a name without its id.
func (w *row[T]) keepObject() {
	if _, ok := w.attrs.Get(activity.ObjectTypeKey); !ok {
		w.attrs.Remove(activity.ObjectIDKey)
	}
	if _, ok := w.attrs.Get(activity.ObjectIDKey); !ok {
		w.attrs.Remove(activity.ObjectNameKey)
	}
}

// keepEqual removes from m what differs from other.
func keepEqual(m, other pcommon.Map) {
	m.RemoveIf(func(key string, v pcommon.Value) bool {
		o, ok := other.Get(key)
		return !ok || !v.Equal(o)
	})
}

// finish writes how many refusals the row stands for. One is a row as it is.
func (w *row[T]) finish() {
	if w.count < 2 {
		return
	}
	data, existed := w.attrs.GetOrPutEmpty(activity.DataKey)
	if !existed {
		data.SetEmptyMap()
	}
	m := data.Map()
	m.PutInt(activity.CountKey, int64(w.count))
	m.PutStr(activity.FirstKey, w.first.Format(time.RFC3339Nano))
	m.PutStr(activity.LastKey, w.last.Format(time.RFC3339Nano))
	if w.sentences {
		a := activityOf(w.attrs)
		w.attrs.PutStr(activity.RemarksKey, fmt.Sprintf("%s, %d times", a.DefaultRemarks(), w.count))
	}
}

// isSentence reports whether an activity has the default remarks.
func isSentence(attrs pcommon.Map) bool {
	a := activityOf(attrs)
	remarks, _ := attrs.Get(activity.RemarksKey)
	return remarks.Type() == pcommon.ValueTypeStr && remarks.Str() == a.DefaultRemarks()
}

// activityOf returns what the default remarks are about.
func activityOf(attrs pcommon.Map) (a activity.Activity) {
	for key, v := range attrs.All() {
		switch key {
		case activity.ActionTypeKey:
			a.ActionType = activity.ActionType(v.Str())
		case activity.ActionNameKey:
			a.ActionName = v.Str()
		case activity.StatusKey:
			a.Status = activity.Status(v.Str())
		case activity.ActorTypeKey:
			a.Actor.Type = activity.ActorType(v.Str())
		case activity.ActorNameKey:
			a.Actor.Name = v.Str()
		case activity.ObjectTypeKey:
			a.Object.Type = v.Str()
		case activity.ObjectIDKey:
			a.Object.ID = v.Str()
		case activity.ClientAddressKey:
			a.ClientAddress = v.Str()
		case activity.DataKey:
			a.Object.Parent, a.Data = readData(v)
		}
	}
	return a
}

// readData returns what the default remarks say of the data.
func readData(v pcommon.Value) (parent *activity.Object, data map[string]any) {
	if v.Type() != pcommon.ValueTypeMap {
		return nil, nil
	}
	if p, ok := v.Map().Get(activity.ParentKey); ok && p.Type() == pcommon.ValueTypeMap {
		parent = record.ObjectOf(p.Map())
	}
	if claimed, ok := v.Map().Get(activity.ClaimedKey); ok && claimed.Type() == pcommon.ValueTypeStr {
		data = map[string]any{activity.ClaimedKey: claimed.Str()}
	}
	return parent, data
}
