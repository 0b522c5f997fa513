package preset

import (
	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Derivation is what a preset derives from a span. If its action type is empty, the
// span is an activity only if a rule sets one.
type Derivation struct {
	Action activity.ActionType
	Name   string // action.name
	Status activity.Status
	Error  string // error.type, only of a failure
	Object activity.Object
	// Guessed is set if the route was not known, and action or object are guessed from the
	// path.
	Guessed bool
	// Session is set if the act is about a session.
	Session route.Session
	// Denied is set if the response was 401, 403 or similar, or answers somebody who tried
	// to log in.
	Denied bool
}
