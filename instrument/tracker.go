package instrument

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// Tracker tracks requests for frameworks whose middlewares are not those of net/http, and
// remote procedure calls. The adapters in the folders beside this package use it; a service
// uses an adapter. It may be used from many goroutines.
type Tracker struct{ cfg *config }

// NewTracker returns a Tracker with all options of [NewMiddleware].
func NewTracker(opts ...Option) *Tracker { return &Tracker{newConfig(opts)} }

// Call is a request that a [Tracker] tracks. The zero Call is not tracked, and its methods do
// nothing.
type Call struct {
	cur   *Current
	outer bool          // it is not inside a tracked request
	inner *http.Request // with the context of a procedure inside one
}

// Start begins to track r, whose context has the request's span. The request that it returns
// must go to the handler: [FromContext] finds the activity in its context. The call must be
// ended when the handler has returned, also if it panicked.
//
// Inside a request that is tracked already, the call adds to that request what its router
// knows, and is no activity of its own.
func (t *Tracker) Start(r *http.Request) (*http.Request, Call) {
	return t.start(r, "")
}

// ContextValue returns a key and the value that [FromContext] finds by it. It is for a framework
// whose own context is a [context.Context] that is not made from that of the request.
func (c Call) ContextValue() (key, value any) { return currentKey{}, c.cur }

// Procedure is a remote procedure call.
type Procedure struct {
	// Name is service and method: "/blog.v1.ArticleService/GetArticle".
	Name string
	// Header holds what the client sent: the metadata of gRPC, with canonical names.
	Header http.Header
	// Peer is the address of the client, or of the proxy before it, "" if it is not known.
	Peer string
}

// StartProcedure begins to track a remote procedure call, as [Tracker.Start] does a request.
// The handler must get the context that it returns. What the call does follows from its name:
// [github.com/otelactivity/activitylog/activity/procedure]. The functions of the service, such
// as that of [WithActor], get a POST request to that name, with the context and the header of
// the call.
func (t *Tracker) StartProcedure(ctx context.Context, p Procedure) (context.Context, Call) {
	if p.Name == "" || p.Name[0] != '/' {
		p.Name = "/" + p.Name
	}
	if p.Header == nil {
		p.Header = http.Header{}
	}
	r := (&http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: p.Name}, Header: p.Header, RemoteAddr: p.Peer,
		Proto: "HTTP/2.0", ProtoMajor: 2, Body: http.NoBody,
	}).WithContext(ctx)
	r, call := t.start(r, p.Name)
	if call.cur != nil && !call.outer {
		call.inner = call.cur.outer.WithContext(ctx)
		call.cur.enter(call.inner)
	}
	return r.Context(), call
}

func (t *Tracker) start(r *http.Request, procedure string) (*http.Request, Call) {
	if cur := FromContext(r.Context()); cur.set(func(*activity.Activity) { cur.procedure = procedure }) {
		return r, Call{cur: cur}
	}
	span := trace.SpanFromContext(r.Context())
	repairSpan(span, r)
	ctx, calledFor := t.cfg.receive(r)
	if t.cfg.strict != nil && procedure == "" {
		t.cfg.refuse.Do(func() { otel.Handle(errStrictAdapter) })
	}
	if !t.cfg.disabled && t.cfg.filtered(r) {
		markSkipped(span)
		return r.WithContext(ctx), Call{}
	}
	cur := t.cfg.newCurrent(ctx, r, calledFor)
	cur.procedure = procedure
	return cur.outer, Call{cur: cur, outer: true}
}

// Err returns, after End, why the call must be refused, [ErrNotStored]: [WithStrict] wants its
// activity on disk, and it is not. Otherwise it is nil.
func (c Call) Err() error {
	if c.cur == nil || !c.outer {
		return nil
	}
	return c.cur.refusal()
}

// Answer is how a [Call] ended.
type Answer struct {
	// Request is the request as the handler got it, with the pattern of its route and the
	// values of its parameters: [http.Request.Pattern], [http.Request.SetPathValue]. nil means
	// that it is the one that Start returned.
	Request *http.Request
	// Code is the response code, or the one that means the same. 0 is 200.
	Code int
	// ErrorType is the type of the error, of a call that failed; "" means that it is the code.
	ErrorType string
	// Header is that of the answer. An object that was created has its id in Location.
	Header http.Header
	// Object is what the adapter knows of the object. What the handler says overrides it.
	Object activity.Object
	// Panic is the value with which the handler panicked. Panicked says that it did.
	Panic    any
	Panicked bool
}

// Run runs a handler and ends the call, also if the handler panics, and returns its error. answer
// says how the call ended: after a panic, panicked is true, and Run sets Panic and Panicked. The
// panic goes on then.
func (c Call) Run(handler func() error, answer func(err error, panicked bool) Answer) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		a := answer(nil, true)
		a.Panicked, a.Panic = true, value
		c.End(a)
		if value != nil { // nil: runtime.Goexit, which continues by itself
			panic(value)
		}
	}()
	err = handler()
	returned = true
	c.End(answer(err, false))
	return err
}

// End ends the call and records its activity, if it is tracked. It does not recover from a
// panic: that is up to the adapter, which must panic again. [Call.Run] does both.
func (c Call) End(answer Answer) {
	if c.cur == nil {
		return
	}
	end := &c.cur.end
	if c.outer && (!answer.Panicked || answer.Code != 0) {
		c.cur.response.note(cmp.Or(answer.Code, http.StatusOK))
	}
	c.cur.set(func(a *activity.Activity) {
		if c.outer {
			end.panicked, end.panicValue, end.header = answer.Panicked, answer.Panic, answer.Header
		}
		c.cur.response.failure = answer.ErrorType
		a.Object = overlay(answer.Object, a.Object)
	})
	switch {
	case answer.Request != nil:
		c.cur.enter(answer.Request)
		c.cur.leave(answer.Request)
	case c.inner != nil:
		c.cur.leave(c.inner) // unless CaptureContext has found a later one
	}
	if c.outer {
		c.cur.passBack()
		c.cur.finishOnce(end, false)
	}
}

// CaptureContext notes that the handler of a tracked request or call runs with ctx, whose actor
// is then the actor: [activity.ContextWithActor], or what [WithActor] finds in the context. An
// adapter calls it inside the authentication. Without a tracked request it does nothing.
func CaptureContext(ctx context.Context) {
	c := FromContext(ctx)
	if c == nil {
		return
	}
	if r := c.outer.WithContext(ctx); c.enter(r) {
		c.leave(r)
	}
}

// Store records the activity of a call at once, before a response that cannot wait for the end
// leaves, if [WithStrict] wants it on disk. It returns [ErrNotStored] if it is not on disk; the
// call must be refused then. Otherwise it does nothing. An adapter calls it before it sends the
// first message of a stream. object is that of [Answer.Object].
func (c Call) Store(object activity.Object) error {
	if c.cur == nil || !c.outer || c.cur.cfg.strict == nil {
		return nil
	}
	c.cur.set(func(a *activity.Activity) { a.Object = overlay(object, a.Object) })
	return c.cur.storeNow()
}
