package instrument

import (
	"context"
	"sync"

	"github.com/otelactivity/activitylog/activity"
)

// sessionType is the object type of Login, Logout and Login Failed.
const sessionType = "session"

// RecordLogin records that actor logged in.
//
// In a request it makes the request's activity a Login, so that one action stays one
// row. The row has the request's client address, user agent and route. Its status is
// Success for any response code; a panic is Failed. Its object is of type "session".
// Outside a request, or after it has ended, it records a separate Login by a
// [Recorder]; outside a request, with the global logger provider.
func RecordLogin(ctx context.Context, actor activity.Actor) {
	declare(ctx, activity.Activity{
		ActionType: activity.ActionLogin,
		Status:     activity.StatusSuccess,
		Actor:      actor,
	})
}

// RecordLogout records that actor logged out. It works like [RecordLogin].
func RecordLogout(ctx context.Context, actor activity.Actor) {
	declare(ctx, activity.Activity{
		ActionType: activity.ActionLogout,
		Status:     activity.StatusSuccess,
		Actor:      actor,
	})
}

// RecordLoginFailed records a failed login. claimed is the identity that was entered,
// a user name or e-mail address, never a password; it is stored in the data under
// [activity.ClaimedKey]. The activity has no actor and the status Failed for any
// response code. It is recorded even if requests without an actor are not. Otherwise
// it works like [RecordLogin].
func RecordLoginFailed(ctx context.Context, claimed string) {
	a := activity.Activity{ActionType: activity.ActionLoginFailed, Status: activity.StatusFailed}
	if claimed != "" {
		a.Data = map[string]any{activity.ClaimedKey: claimed}
	}
	declare(ctx, a)
}

// declare makes a the activity of the running request, or records it separately.
func declare(ctx context.Context, a activity.Activity) {
	c := FromContext(ctx)
	if c.replace(a) {
		return
	}
	rec := defaultRecorder()
	if c != nil { // the request has ended; its options still apply
		rec = &Recorder{c.cfg}
	}
	a.Object.Type = sessionType
	rec.Record(ctx, a)
}

var defaultRecorder = sync.OnceValue(func() *Recorder { return NewRecorder() })

// replace makes the request's activity the login or logout a. The last one of a
// request counts.
func (c *Current) replace(declared activity.Activity) bool {
	return c.set(func(a *activity.Activity) {
		c.declared.Store(true)
		a.ActionType, a.Status, a.Actor = declared.ActionType, declared.Status, declared.Actor
		claimed, failed := declared.Data[activity.ClaimedKey]
		switch {
		case !failed:
			delete(a.Data, activity.ClaimedKey)
		case a.Data == nil:
			a.Data = declared.Data
		default:
			a.Data[activity.ClaimedKey] = claimed
		}
	})
}

// answered makes the activity of a login route what its answer says, unless the handler
// has said it. Whoever failed has claimed to be somebody, which does not make them the
// actor.
func (c *Current) answered(a *activity.Activity, act *found, end *ending) {
	a.ActionType = act.Session.ActionType(c.response.status(end.panicked), !a.Actor.IsZero())
	if a.ActionType != activity.ActionLoginFailed {
		return
	}
	if a.Actor.ID == "" && a.Actor.Name != "" { // with an id it is who was here before, perhaps
		addData(a, activity.ClaimedKey, a.Actor.Name)
	}
	a.Actor = activity.Actor{}
}

// isSession reports whether the object of t is a session, not the object of the
// route.
func isSession(t activity.ActionType) bool {
	switch t {
	case activity.ActionLogin, activity.ActionLogout, activity.ActionLoginFailed, activity.ActionLoginAttempt:
		return true
	}
	return false
}
