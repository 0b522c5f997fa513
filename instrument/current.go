package instrument

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
	"github.com/otelactivity/activitylog/internal/plain"
)

// Current is the activity of the running request. Its methods change what is
// recorded when the request ends; they may be called from any goroutine, and
// do nothing on a nil *Current or after the request has ended.
type Current struct {
	cfg   *config
	start int64         // Unix time in nanoseconds
	outer *http.Request // as the middleware passes it on

	held      *held      // nil: the response is not held back
	recording sync.Mutex // held from ended to final

	calledFor *activity.Actor // by the baggage of a service that is trusted, or nil
	procedure string          // the name of a remote procedure call, "" of any other request
	part      *route.Act      // what a part of a request does, nil of a request
	request   *Current        // that a part belongs to, nil if it is not tracked

	response response
	writer   http1Writer     // the response writer of the handler, usually
	ctx      context.Context // of the request, without the Current
	end      ending

	now      atomic.Bool // by RecordNow
	declared atomic.Bool // by RecordLogin and similar functions: tracked even without an actor

	mu sync.Mutex // guards the fields below; once ended is set, only id, final
	// and notStored change
	id activity.ID

	ended     bool
	final     bool // act is as it was recorded
	skipped   bool
	act       activity.Activity // the activity so far, without id
	inner     *http.Request     // of the last CaptureRoute
	innerDone bool              // its handler returned
	said      answers           // about that request
	notStored error             // why WithStrict refuses the request
}

type currentKey struct{}

// currentContext is the context of a request, with its Current. It is the Current itself, so it
// costs no allocation.
type currentContext Current

// Deadline implements [context.Context].
func (c *currentContext) Deadline() (deadline time.Time, ok bool) { return c.ctx.Deadline() }

// Done implements [context.Context].
func (c *currentContext) Done() <-chan struct{} { return c.ctx.Done() }

// Err implements [context.Context].
func (c *currentContext) Err() error { return c.ctx.Err() } //nolint:wrapcheck // it is that of a context

// Value implements [context.Context].
func (c *currentContext) Value(key any) any {
	if _, ok := key.(currentKey); ok {
		return (*Current)(c)
	}
	return c.ctx.Value(key)
}

// String implements [fmt.Stringer], as the contexts of the standard library do. Without it, package
// fmt would print the whole Current, which other goroutines may be changing.
func (*currentContext) String() string { return "instrument.currentContext" }

// detachedContext is [context.WithoutCancel] of the context of a request: the client may have
// gone away, but the act has happened. It costs no allocation, either.
type detachedContext Current

// detached returns the context in which the activity is recorded.
func (c *Current) detached() context.Context { return (*detachedContext)(c) }

// Deadline implements [context.Context].
func (*detachedContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done implements [context.Context].
func (*detachedContext) Done() <-chan struct{} { return nil }

// Err implements [context.Context].
func (*detachedContext) Err() error { return nil }

// Value implements [context.Context].
func (c *detachedContext) Value(key any) any { return c.ctx.Value(key) }

// String implements [fmt.Stringer], for the same reason as that of currentContext.
func (*detachedContext) String() string { return "instrument.detachedContext" }

// FromContext returns the activity of the request that ctx belongs to, or nil. The
// methods of a nil *Current do nothing.
func FromContext(ctx context.Context) *Current {
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(currentKey{}).(*Current)
	return c
}

// set calls change with the lock held and returns true; without a running request it
// returns false.
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

// ID returns the id that the activity has if it is recorded, for a log line or an
// error page. It does not change, even after the request has ended. On a nil *Current
// it is the zero ID.
func (c *Current) ID() activity.ID {
	if c == nil {
		return activity.ID{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id.IsZero() {
		c.id = activity.NewIDAt(time.Unix(0, c.start))
	}
	return c.id
}

// SetActor sets the actor and overrides [WithActor]. The zero Actor removes the
// override.
func (c *Current) SetActor(actor activity.Actor) {
	c.set(func(a *activity.Activity) { a.Actor = actor })
}

// SetAction sets the action: its type, which overrides the type of the method, and
// its name ("article.publish"), which overrides method and route. An empty value
// changes nothing. With a type, a request is tracked even if its method has no type.
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

// SetStatus sets the status and overrides the response code. A panic is Failed
// nevertheless.
func (c *Current) SetStatus(status activity.Status) {
	c.set(func(a *activity.Activity) { a.Status = status })
}

// SetErrorType sets error.type and overrides the response code ("404") or the type of
// a panic's value. It should have few different values.
func (c *Current) SetErrorType(errorType string) {
	c.set(func(a *activity.Activity) { a.ErrorType = errorType })
}

// SetObject sets the object. Empty fields keep their value from the route or earlier
// calls: after a POST to "/articles", SetObject of an Object with only an ID records
// that article. The id of the route is not used with another type.
func (c *Current) SetObject(object activity.Object) {
	c.set(func(a *activity.Activity) { a.Object = overlay(a.Object, object) })
}

// SetRemarks sets the remarks, and overrides all options. They are stored in the row,
// so they must not contain secrets.
func (c *Current) SetRemarks(remarks string) {
	c.set(func(a *activity.Activity) { a.Remarks = remarks })
}

// SetData sets one entry of the activity's data. The value is copied: nil, booleans,
// numbers, strings and []byte unchanged; [time.Time] as text of RFC 3339; errors and
// [fmt.Stringer] as their text; any other value in the form of encoding/json. A pointer
// has the form of what it points to, and a nil pointer is null. A sql.NullString, or
// another such type, is its value or null. Struct fields are masked
// by their tags, as in [Diff], at any depth. A value with such fields, or around one that
// has them, does not give its own text: its exported fields are recorded. An error around
// such a value, and what has no exported fields, is recorded as "****".
//
// A value has at most 4,096 members in 16 levels. A map that was cut has the member
// "(more)", the number of those that are missing; a list ends with a text such as
// "(7 more)". A value that cannot be copied is recorded as a text that says so.
func (c *Current) SetData(key string, value any) {
	value = plain.Of(value)
	c.set(func(a *activity.Activity) {
		if a.Data == nil {
			a.Data = make(map[string]any)
		}
		a.Data[key] = value
	})
}

// SetChange records the value of a field of the object before and after the
// activity, in the data under [activity.ChangesKey]. The values are copied as in
// SetData. A field whose values are equal has not changed, and is not recorded: times by
// their instant, numbers by their value, and nil like an empty list or map. [Diff] and
// [Current.SetChanges] do the same for all fields of a struct.
func (c *Current) SetChange(field string, before, after any) {
	change, changed := plain.Change(before, after)
	if !changed {
		return
	}
	c.set(func(a *activity.Activity) { changesOf(a)[field] = []any{change[0], change[1]} })
}

// SetSession sets session.id. It must not be the secret that opens the session, such
// as the value of its cookie.
func (c *Current) SetSession(id string) {
	c.set(func(a *activity.Activity) { a.SessionID = id })
}

// SetClientAddress sets the client's IP address, where the service knows it better than
// [WithTrustedProxies] can. It must not come from a header that clients can send.
func (c *Current) SetClientAddress(address string) {
	c.set(func(a *activity.Activity) { a.ClientAddress = activity.CleanAddress(address) })
}

// RecordNow records the activity as it is now and returns its id, for requests that
// last: streams, websockets, long downloads. Nothing changes the activity afterwards,
// and the end of the request records no second one. Its status is Success unless
// [Current.SetStatus] or a response code says more. It returns the zero ID if the
// request is not recorded or has been already.
func (c *Current) RecordNow() activity.ID {
	if c == nil || !c.finishOnce(&c.end, true) {
		return activity.ID{}
	}
	return c.ID()
}

// Skip keeps the request from being recorded. Its span gets the attribute
// [activity.SkippedKey], as for any untracked request, so that the collector does not
// derive an activity from it.
func (c *Current) Skip() {
	c.set(func(*activity.Activity) { c.skipped = true })
}

// enter notes the request that CaptureRoute passes on. It returns false without a
// running request.
func (c *Current) enter(r *http.Request) bool {
	return c.set(func(*activity.Activity) { c.inner, c.innerDone, c.said = r, false, answers{} })
}

// leave notes that the handler of that request returned.
func (c *Current) leave(r *http.Request) {
	c.mu.Lock()
	if c.inner != r || c.innerDone {
		c.mu.Unlock()
		return
	}
	c.innerDone = true // also after RecordNow: see passBack
	if c.ended {
		c.mu.Unlock()
		return
	}
	a, skipped, end := c.copyOfAct(), c.skipped, c.copyOfEnd()
	c.mu.Unlock()
	if !skipped {
		c.ask(r, &a, &end)
	}
}

// received returns a copy of the request as it was received, with ctx.
func (c *Current) received(ctx context.Context) *http.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end.incoming.WithContext(ctx)
}

// requestIn returns the request with ctx, and with its route and the values of its parameters if
// a router has found them. The handler may be writing its other fields, such as the form.
func (c *Current) requestIn(ctx context.Context) *http.Request {
	r := c.received(ctx)
	r.Pattern = c.outer.Pattern
	for rest := r.Pattern; rest != ""; {
		var name string
		_, rest, _ = strings.Cut(rest, "{")
		name, rest, _ = strings.Cut(rest, "}")
		name = strings.TrimSuffix(name, "...")
		if value := c.outer.PathValue(name); value != "" {
			r.SetPathValue(name, value)
		}
	}
	return r
}

// innermost returns the innermost request known. It is called after the end. A handler
// that is still running, inside http.TimeoutHandler, may be writing to its request:
// then only its context, which never changes, is used.
func (c *Current) innermost() *http.Request {
	c.mu.Lock()
	inner, done := c.inner, c.innerDone
	c.mu.Unlock()
	switch {
	case inner == nil:
		return c.outer
	case done:
		return inner
	}
	return c.outer.WithContext(inner.Context())
}
