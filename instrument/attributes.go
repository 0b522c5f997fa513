package instrument

import (
	"cmp"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
)

// attributesOf returns the attributes that are on both the span and the log record
// of a declared activity: all except the remarks, which are the body of the log
// record. Empty values are omitted. The slice has room for spare more attributes.
func attributesOf(a *activity.Activity, spare int) []attribute.KeyValue {
	actorType := a.Actor.Type
	if actorType == "" && a.Actor.ID != "" {
		actorType = activity.ActorUser
	}
	texts := [...]struct{ key, text string }{
		{activity.IDKey, a.ID.String()},
		{activity.ActionTypeKey, string(a.ActionType)},
		{activity.StatusKey, string(a.Status)},
		{activity.SourceKey, string(activity.SourceDeclared)},
		{activity.ActionNameKey, a.ActionName},
		{activity.ActorIDKey, a.Actor.ID},
		{activity.ActorTypeKey, string(actorType)},
		{activity.ActorNameKey, a.Actor.Name},
		{activity.ImpersonatorIDKey, a.Actor.ImpersonatorID},
		{activity.TenantIDKey, a.Actor.TenantID},
		{activity.ErrorTypeKey, a.ErrorType},
		{activity.ObjectTypeKey, a.Object.Type},
		{activity.ObjectIDKey, a.Object.ID},
		{activity.ObjectNameKey, a.Object.Name},
		{activity.ClientAddressKey, a.ClientAddress},
		{activity.UserAgentKey, a.UserAgent},
		{activity.SessionIDKey, a.SessionID},
	}
	n := spare
	if len(a.Data) > 0 || a.Object.Parent != nil {
		n++
	}
	for i := range texts {
		n += min(len(texts[i].text), 1)
	}
	attrs := make([]attribute.KeyValue, 0, n) // exact: they use most of an activity's memory
	for i := range texts {
		if t := &texts[i]; t.text != "" {
			attrs = append(attrs, attribute.String(t.key, validText(t.text)))
		}
	}
	if len(a.Data) > 0 || a.Object.Parent != nil { // usually there are none
		attrs = append(attrs, attribute.Map(activity.DataKey, dataEntries(a)...))
	}
	return attrs
}

// dataEntries returns the entries of the activity's data, sorted by key, with what its
// object belongs to.
func dataEntries(a *activity.Activity) []attribute.KeyValue {
	if _, ok := a.Data[activity.ParentKey]; ok || a.Object.Parent == nil {
		return mapEntries(a.Data)
	}
	parent := attribute.KeyValue{Key: activity.ParentKey, Value: objectValue(a.Object.Parent, maxParents)}
	entries := append(mapEntries(a.Data), parent)
	slices.SortFunc(entries, func(a, b attribute.KeyValue) int { return cmp.Compare(a.Key, b.Key) })
	return entries
}

// maxParents bounds how many parents are recorded, in case an object is its own.
const maxParents = 8

// objectValue returns type and id of an object, and what it belongs to.
func objectValue(o *activity.Object, parents int) attribute.Value {
	entries := make([]attribute.KeyValue, 0, 3)
	if o.ID != "" {
		entries = append(entries, attribute.String("id", validText(o.ID)))
	}
	if o.Parent != nil && parents > 1 {
		entries = append(entries, attribute.KeyValue{Key: activity.ParentKey, Value: objectValue(o.Parent, parents-1)})
	}
	if o.Type != "" {
		entries = append(entries, attribute.String("type", validText(o.Type)))
	}
	return attribute.MapValue(entries...)
}
