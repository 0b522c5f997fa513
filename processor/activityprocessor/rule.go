package activityprocessor

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// A rule makes an activity of a span that is none yet; ok is false when the
// span is not the rule's concern. It reads the span and leaves it as it is. It
// is safe for concurrent use.
//
// A rule gives neither ID nor source: they are the same for all rules.
type rule func(span ptrace.Span) (a activity.Activity, ok bool)

// mayDerive reports whether rules may look at span: it is no activity yet, and
// its service did not ask for none.
func mayDerive(span ptrace.Span) bool {
	for _, key := range [...]string{activity.ActionTypeKey, activity.SourceKey} {
		if _, ok := span.Attributes().Get(key); ok {
			return false
		}
	}
	skipped, ok := span.Attributes().Get(activity.SkippedKey)
	return !ok || skipped.AsString() != "true"
}

// derive makes span the activity of the first rule that knows it.
func derive(rules []rule, span ptrace.Span) {
	for _, r := range rules {
		if a, ok := r(span); ok {
			write(span.Attributes(), &a)
			return
		}
	}
}

// write adds a to attrs as a derived activity. What the service has set itself
// stays as it is, unless it is blank: it knows better than any rule.
func write(attrs pcommon.Map, a *activity.Activity) {
	fields := [...]struct{ key, value string }{
		{activity.ActionTypeKey, string(a.ActionType)},
		{activity.ActionNameKey, a.ActionName},
		{activity.StatusKey, string(a.Status)},
		{activity.ErrorTypeKey, a.ErrorType},
		{activity.ActorIDKey, a.Actor.ID},
		{activity.ActorTypeKey, a.Actor.Type},
		{activity.ActorNameKey, a.Actor.Name},
		{activity.ObjectTypeKey, a.Object.Type},
		{activity.ObjectIDKey, a.Object.ID},
		{activity.RemarksKey, a.Remarks},
		{activity.ClientAddressKey, a.ClientAddress},
		{activity.UserAgentKey, a.UserAgent},
		{activity.SourceKey, string(activity.Derived)},
	}
	attrs.EnsureCapacity(attrs.Len() + len(fields) + 1) // 1: the id
	for _, field := range fields {
		if field.value == "" {
			continue
		}
		if v, _ := attrs.GetOrPutEmpty(field.key); text(v) == "" {
			v.SetStr(field.value)
		}
	}
}
