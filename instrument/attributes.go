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
		{activity.BatchIDKey, batchText(a.BatchID)},
	}
	n := spare
	data := dataEntries(a)
	n += min(len(data), 1)
	for i := range texts {
		n += min(len(texts[i].text), 1)
	}
	attrs := make([]attribute.KeyValue, 0, n) // exact: they use most of an activity's memory
	for i := range texts {
		if t := &texts[i]; t.text != "" {
			attrs = append(attrs, attribute.String(t.key, validText(t.text)))
		}
	}
	if len(data) > 0 { // usually there are none
		attrs = append(attrs, attribute.Map(activity.DataKey, data...))
	}
	return attrs
}

// dataEntries returns the entries of the activity's data, sorted by key, with what its
// object belongs to, and with its other objects.
func dataEntries(a *activity.Activity) []attribute.KeyValue {
	if len(a.Data) == 0 && a.Object.Parent == nil && len(a.Objects) == 0 {
		return nil
	}
	var added []attribute.KeyValue
	if _, ok := a.Data[activity.ParentKey]; !ok && a.Object.Parent != nil {
		added = append(added, attribute.KeyValue{Key: activity.ParentKey, Value: objectValue(a.Object.Parent, maxParents, false)})
	}
	objects, more := furtherObjects(a)
	if len(objects) > 0 {
		added = append(added, attribute.KeyValue{Key: activity.ObjectsKey, Value: objectsValue(objects)})
	}
	if before, ok := a.Data[activity.MoreObjectsKey].(int64); more > 0 && (ok || a.Data[activity.MoreObjectsKey] == nil) {
		added = append(added, attribute.Int64(activity.MoreObjectsKey, before+int64(more)))
	}
	entries := mapEntries(a.Data)
	if len(added) == 0 {
		return entries
	}
	for _, entry := range added {
		entries = slices.DeleteFunc(entries, func(e attribute.KeyValue) bool { return e.Key == entry.Key })
	}
	entries = append(entries, added...)
	slices.SortFunc(entries, func(a, b attribute.KeyValue) int { return cmp.Compare(a.Key, b.Key) })
	return entries
}

// batchText returns the id of a batch, "" for none.
func batchText(id activity.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// maxParents bounds how many parents are recorded, in case an object is its own.
const maxParents = 8

// objectValue returns type and id of an object, what it belongs to, and its name if that is
// wanted. The entries are sorted by key.
func objectValue(o *activity.Object, parents int, named bool) attribute.Value {
	entries := make([]attribute.KeyValue, 0, 4)
	if o.ID != "" {
		entries = append(entries, attribute.String("id", validText(o.ID)))
	}
	if named && o.Name != "" {
		entries = append(entries, attribute.String("name", validText(o.Name)))
	}
	if o.Parent != nil && parents > 1 {
		entries = append(entries, attribute.KeyValue{Key: activity.ParentKey, Value: objectValue(o.Parent, parents-1, false)})
	}
	if o.Type != "" {
		entries = append(entries, attribute.String("type", validText(o.Type)))
	}
	return attribute.MapValue(entries...)
}
