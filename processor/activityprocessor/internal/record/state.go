package record

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
)

// State says whether a record is an activity.
type State struct {
	Activity  bool // it is an activity
	Declared  bool // it is an activity that its service declared
	MayDerive bool // it is not an activity, and its service did not exclude it
}

// StateOf reads the state of a record in one pass over its attributes.
func StateOf(attrs pcommon.Map) State {
	s := State{Declared: true, MayDerive: true}
	for key, v := range attrs.All() {
		if !strings.HasPrefix(key, "activity.") {
			continue
		}
		switch key {
		case activity.ActionTypeKey:
			s.Activity, s.MayDerive = true, false
		case activity.SourceKey:
			s.MayDerive = false
			s.Declared = Text(v) != string(activity.SourceDerived)
		case activity.SkippedKey:
			if v.AsString() == "true" {
				s.MayDerive = false
			}
		}
	}
	s.Declared = s.Declared && s.Activity
	return s
}

// ServiceOf returns the name of the service that a resource describes, or "".
func ServiceOf(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get(activity.ServiceNameKey); ok {
		return v.AsString()
	}
	return ""
}
