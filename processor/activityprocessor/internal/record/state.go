package record

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// State says whether a record is an activity.
type State struct {
	Activity  bool // it is an activity
	Declared  bool // it is an activity that its service declared
	MayDerive bool // it is not an activity, and its service did not exclude it
}

// StateOf reads the state of a record.
func StateOf(attrs pcommon.Map) State {
	source, hasSource := attrs.Get(activity.SourceKey)
	if _, ok := attrs.Get(activity.ActionTypeKey); ok {
		return State{Activity: true, Declared: !hasSource || Text(source) != string(activity.SourceDerived)}
	}
	skipped, ok := attrs.Get(activity.SkippedKey)
	return State{MayDerive: !hasSource && (!ok || skipped.AsString() != "true")}
}

// ServiceOf returns the name of the service that a resource describes, or "".
func ServiceOf(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get(activity.ServiceNameKey); ok {
		return v.AsString()
	}
	return ""
}
