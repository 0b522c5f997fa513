package preset

import (
	"github.com/otelactivity/activitylog/activity"
)

// Derivation is what a preset derives from a span. Its action type may be empty:
// then the span is no activity of the preset's own.
type Derivation struct {
	Action  activity.ActionType
	Name    string // action.name
	Status  activity.Status
	Error   string // error.type, of a failure alone
	Object  activity.Object
	Refused bool // for want of a permission or a login
}
