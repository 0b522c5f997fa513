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
// Inside a request it turns the request's activity into the Login, so that one
// act stays one row; the row has the request's client address, user agent and
// route. Its status is Success, whatever the response code; a panic is Failed.
// Its object is of type "session". Elsewhere, and after the request ended, it
// records a Login of its own by a [Recorder], with the global logger provider
// where there never was a request.
func RecordLogin(ctx context.Context, actor activity.Actor) {
	declare(ctx, activity.Activity{
		ActionType: activity.ActionLogin,
		Status:     activity.StatusSuccess,
		Actor:      actor,
	})
}

// RecordLogout records that actor logged out, as [RecordLogin] does a login.
func RecordLogout(ctx context.Context, actor activity.Actor) {
	declare(ctx, activity.Activity{
		ActionType: activity.ActionLogout,
		Status:     activity.StatusSuccess,
		Actor:      actor,
	})
}

// RecordLoginFailed records that somebody failed to log in. claimed is the
// identity that they claimed, a user name or e-mail address, never a password;
// it is kept in the data under [activity.ClaimedKey]. The activity has no
// actor, status Failed whatever the response code, and is recorded even where
// requests without an actor are not. Otherwise it is as [RecordLogin].
func RecordLoginFailed(ctx context.Context, claimed string) {
	a := activity.Activity{ActionType: activity.ActionLoginFailed, Status: activity.StatusFailed}
	if claimed != "" {
		a.Data = map[string]any{activity.ClaimedKey: claimed}
	}
	declare(ctx, a)
}

// declare turns the activity of the running request into a, or records a.
func declare(ctx context.Context, a activity.Activity) {
	c := FromContext(ctx)
	if c.turnInto(a) {
		return
	}
	rec := defaultRecorder()
	if c != nil { // the request ended; its options still hold
		rec = &Recorder{c.cfg}
	}
	a.Object.Type = sessionType
	rec.Record(ctx, a)
}

var defaultRecorder = sync.OnceValue(func() *Recorder { return NewRecorder() })

// turnInto makes the request's activity the one that a is: the last login,
// failed login or logout of a request counts.
func (c *Current) turnInto(declared activity.Activity) bool {
	return c.set(func(a *activity.Activity) {
		c.declared = true
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

// isSession reports whether t acts on a session rather than on what the route
// names.
func isSession(t activity.ActionType) bool {
	return t == activity.ActionLogin || t == activity.ActionLogout || t == activity.ActionLoginFailed
}
