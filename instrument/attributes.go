package instrument

import (
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
	n := min(len(a.Data), 1) + spare
	for i := range texts {
		n += min(len(texts[i].text), 1)
	}
	attrs := make([]attribute.KeyValue, 0, n) // exact: they use most of an activity's memory
	for i := range texts {
		if t := &texts[i]; t.text != "" {
			attrs = append(attrs, attribute.String(t.key, validText(t.text)))
		}
	}
	if len(a.Data) > 0 {
		attrs = append(attrs, attribute.Map(activity.DataKey, mapEntries(a.Data)...))
	}
	return attrs
}
