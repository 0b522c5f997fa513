package activitytest

import (
	"encoding/json"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelactivity/activitylog/activity"
)

// routeKey is the attribute of semantic conventions for the route of a request.
const routeKey = "http.route"

// decode reads an activity from a log record. ok is false if the record is none.
func decode(r *log.Record) (decoded recorded, ok bool) {
	texts := map[string]string{}
	var data map[string]any
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		if kv.Key == activity.DataKey {
			data = dataOf(kv.Value)
		} else {
			texts[string(kv.Key)] = text(kv.Value)
		}
		return true
	})
	if _, ok := texts[activity.ActionTypeKey]; !ok {
		return recorded{}, false
	}
	a := activity.Activity{
		Actor: activity.Actor{
			ID: texts[activity.ActorIDKey], Type: activity.ActorType(texts[activity.ActorTypeKey]), Name: texts[activity.ActorNameKey],
			ImpersonatorID: texts[activity.ImpersonatorIDKey], TenantID: texts[activity.TenantIDKey],
		},
		ActionType: activity.ActionType(texts[activity.ActionTypeKey]), ActionName: texts[activity.ActionNameKey],
		Status: activity.Status(texts[activity.StatusKey]), ErrorType: texts[activity.ErrorTypeKey],
		Object: activity.Object{
			Type: texts[activity.ObjectTypeKey], ID: texts[activity.ObjectIDKey], Name: texts[activity.ObjectNameKey],
		},
		Remarks: text(r.Body()), Data: data,
		ClientAddress: texts[activity.ClientAddressKey], UserAgent: texts[activity.UserAgentKey], SessionID: texts[activity.SessionIDKey],
	}
	if a.Remarks == "" {
		a.Remarks = texts[activity.RemarksKey]
	}
	a.Time = r.Timestamp()
	if id, err := activity.ParseID(texts[activity.IDKey]); err == nil {
		a.ID, a.Time = id, id.Time()
	}
	if id, err := activity.ParseID(texts[activity.BatchIDKey]); err == nil {
		a.BatchID = id
	}
	takeParent(&a)
	takeObjects(&a)
	if len(a.Data) == 0 {
		a.Data = nil
	}
	return recorded{a, texts[routeKey]}, true
}

// text returns a value as text.
func text(v attribute.Value) string {
	if v.Type() == attribute.EMPTY {
		return ""
	}
	return v.String()
}

// dataOf returns a map, or the JSON object of a text, as SDKs without maps have it.
func dataOf(v attribute.Value) map[string]any {
	if v.Type() == attribute.STRING {
		var data map[string]any
		if json.Unmarshal([]byte(v.AsString()), &data) != nil {
			return nil
		}
		return data
	}
	data, _ := plain(v).(map[string]any)
	return data
}

// plain returns a value as JSON-like values, in which a list is []any.
func plain(v attribute.Value) any {
	switch v.Type() {
	case attribute.MAP:
		m := make(map[string]any, len(v.AsMap()))
		for _, kv := range v.AsMap() {
			m[string(kv.Key)] = plain(kv.Value)
		}
		return m
	case attribute.SLICE:
		list := make([]any, 0, len(v.AsSlice()))
		for _, element := range v.AsSlice() {
			list = append(list, plain(element))
		}
		return list
	case attribute.BOOLSLICE:
		return list(v.AsBoolSlice())
	case attribute.INT64SLICE:
		return list(v.AsInt64Slice())
	case attribute.FLOAT64SLICE:
		return list(v.AsFloat64Slice())
	case attribute.STRINGSLICE:
		return list(v.AsStringSlice())
	}
	return v.AsInterface()
}

func list[T any](values []T) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	return list
}

// takeParent moves what the object belongs to from the data to the object.
func takeParent(a *activity.Activity) {
	parent, ok := objectOf(a.Data[activity.ParentKey])
	if !ok {
		return
	}
	a.Object.Parent = parent
	delete(a.Data, activity.ParentKey)
}

// takeObjects moves the objects besides the main one from the data to the activity.
func takeObjects(a *activity.Activity) {
	list, ok := a.Data[activity.ObjectsKey].([]any)
	if !ok {
		return
	}
	objects := make([]activity.Object, len(list))
	for i, element := range list {
		object, ok := objectOf(element)
		if !ok {
			return
		}
		objects[i] = *object
	}
	a.Objects = objects
	delete(a.Data, activity.ObjectsKey)
}

// objectOf reads an object from its map. ok is false if the map has anything else in it.
func objectOf(value any) (o *activity.Object, ok bool) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	o = &activity.Object{}
	for key, member := range m {
		switch key {
		case "type":
			o.Type, ok = member.(string)
		case "id":
			o.ID, ok = member.(string)
		case "name":
			o.Name, ok = member.(string)
		case activity.ParentKey:
			o.Parent, ok = objectOf(member)
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return o, true
}

// clone returns a copy that a test may change.
func (r recorded) clone() recorded {
	r.Object = *cloneObject(&r.Object)
	r.Objects = slices.Clone(r.Objects)
	for i := range r.Objects {
		r.Objects[i] = *cloneObject(&r.Objects[i])
	}
	if r.Data != nil {
		r.Data, _ = cloneValue(r.Data).(map[string]any)
	}
	return r
}

func cloneObject(o *activity.Object) *activity.Object {
	copied := *o
	if o.Parent != nil {
		copied.Parent = cloneObject(o.Parent)
	}
	return &copied
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case []byte:
		return append([]byte{}, v...)
	case []any:
		copied := make([]any, len(v))
		for i := range v {
			copied[i] = cloneValue(v[i])
		}
		return copied
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key := range v {
			copied[key] = cloneValue(v[key])
		}
		return copied
	}
	return value
}
