package instrument

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// Current is the activity of the running request. Its methods change what is
// recorded when the request ends; they may be called from any goroutine, and
// do nothing on a nil *Current and after the request ended.
type Current struct {
	cfg   *config
	start time.Time
	outer *http.Request // as the middleware passes it on

	response response

	mu sync.Mutex // guards what follows; once ended is set, only the id changes
	id activity.ID

	ended     bool
	skipped   bool
	declared  bool              // by RecordLogin and its like: tracked even without an actor
	act       activity.Activity // what is known up to now, without id
	inner     *http.Request     // of the last CaptureRoute
	innerDone bool              // its handler returned
}

type currentKey struct{}

// FromContext returns the activity of the request that ctx belongs to, nil when
// there is none. Nil is fine to use.
func FromContext(ctx context.Context) *Current {
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(currentKey{}).(*Current)
	return c
}

// set calls change with the lock held and reports true, unless there is no
// running request.
func (c *Current) set(change func(*activity.Activity)) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	change(&c.act)
	return true
}

// ID returns the id that the activity has if it is recorded, for a log line or
// an error page. It stays the same, also after the request ended. On a nil
// *Current it is the zero ID.
func (c *Current) ID() activity.ID {
	if c == nil {
		return activity.ID{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id.IsZero() {
		c.id = activity.NewIDAt(c.start)
	}
	return c.id
}

// SetActor sets who acts, before what [WithActor] finds. The zero Actor leaves
// it to WithActor again.
func (c *Current) SetActor(actor activity.Actor) {
	c.set(func(a *activity.Activity) { a.Actor = actor })
}

// SetAction sets what is done: t in place of the type that the method gives,
// and name ("article.publish") in place of method and route. Either is left as
// it is when empty. A type tracks a request even if its method has none.
func (c *Current) SetAction(t activity.ActionType, name string) {
	c.set(func(a *activity.Activity) {
		if t != "" {
			a.ActionType = t
		}
		if name != "" {
			a.ActionName = name
		}
	})
}

// SetStatus sets whether the act worked, in place of what the response code
// says. A panic is Failed all the same.
func (c *Current) SetStatus(status activity.Status) {
	c.set(func(a *activity.Activity) { a.Status = status })
}

// SetErrorType sets error.type, in place of the response code ("404") or the
// type of a panic's value. It should have few different values.
func (c *Current) SetErrorType(errorType string) {
	c.set(func(a *activity.Activity) { a.ErrorType = errorType })
}

// SetObject sets what is acted on. Fields that are empty stay as route or
// earlier calls gave them: after a POST to "/articles", SetObject of an Object
// with only an ID records that article. The route's id does not go with
// another type.
func (c *Current) SetObject(object activity.Object) {
	c.set(func(a *activity.Activity) { a.Object = mergeObjects(a.Object, object) })
}

// SetRemarks sets the remarks for people, before all that options say. They
// are kept as long as the log: no secrets in them.
func (c *Current) SetRemarks(remarks string) {
	c.set(func(a *activity.Activity) { a.Remarks = remarks })
}

// SetData sets one entry of the activity's data. The value is copied: nil,
// booleans, numbers, strings, []byte, []any and map[string]any as they are;
// [time.Time] as text of RFC 3339; errors and [fmt.Stringer] as their text; all
// else as encoding/json writes it. What cannot be copied so is recorded as
// a text that says so.
func (c *Current) SetData(key string, value any) {
	value = plain(value)
	c.set(func(a *activity.Activity) {
		if a.Data == nil {
			a.Data = make(map[string]any)
		}
		a.Data[key] = value
	})
}

// SetChange records that a field of the object went from old to new, in the
// data under [activity.ChangesKey]. The values are copied as by SetData.
func (c *Current) SetChange(field string, old, new any) {
	change := []any{plain(old), plain(new)}
	c.set(func(a *activity.Activity) {
		if a.Data == nil {
			a.Data = make(map[string]any)
		}
		changes, ok := a.Data[activity.ChangesKey].(map[string]any)
		if !ok {
			changes = make(map[string]any)
			a.Data[activity.ChangesKey] = changes
		}
		changes[field] = change
	})
}

// SetSession sets session.id: a name of the session that does not open it,
// never the value of its cookie.
func (c *Current) SetSession(id string) {
	c.set(func(a *activity.Activity) { a.SessionID = id })
}

// Skip keeps the request from being recorded. Its span says so, like that of
// any untracked request ([activity.SkippedKey]), so that no collector derives
// an activity from it.
func (c *Current) Skip() {
	c.set(func(*activity.Activity) { c.skipped = true })
}

// enter notes the request that CaptureRoute passes on. It reports false when there is
// no running request to note it for.
func (c *Current) enter(r *http.Request) bool {
	return c.set(func(*activity.Activity) { c.inner, c.innerDone = r, false })
}

// leave notes that the handler of that request returned.
func (c *Current) leave(r *http.Request) {
	c.set(func(*activity.Activity) { c.innerDone = c.innerDone || c.inner == r })
}

// innermost returns the innermost request known. A handler that still runs,
// below http.TimeoutHandler, may be writing to its request: then only the
// context, which never changes, is taken from that. It is called after the end.
func (c *Current) innermost() *http.Request {
	switch {
	case c.inner == nil:
		return c.outer
	case c.innerDone:
		return c.inner
	}
	return c.outer.WithContext(c.inner.Context())
}
