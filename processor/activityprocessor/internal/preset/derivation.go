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
	Call    Call // ends the remarks
	Refused bool // for want of a permission or a login
}

// Call says what was called: "PUT", "/articles/17" and "/articles/{id}".
type Call struct{ Verb, Target, Template string }

// Append appends "PUT /articles/17 (/articles/{id})".
func (c *Call) Append(b []byte) []byte {
	b = append(b, c.Verb...)
	if c.Target != "" {
		if c.Verb != "" {
			b = append(b, ' ')
		}
		b = append(b, c.Target...)
	}
	if c.Template != "" {
		b = append(b, " ("...)
		b = append(b, c.Template...)
		b = append(b, ')')
	}
	return b
}
