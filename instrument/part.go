package instrument

import (
	"context"
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// Part is one of the things that a request does: a field of a GraphQL operation.
type Part struct {
	Name   string              // action name: "mutation deleteArticle"
	Action activity.ActionType // Login and Logout become what the answer says, as those of requests do
	Object activity.Object
	// Request is what the function of [WithCallObject] gets, with the name; nil: it is not asked.
	Request any
	// Header is that of the request. It is used for a request that is not tracked.
	Header http.Header
}

// Split says that the parts of the request of ctx are activities, and that the request itself
// is none.
func (t *Tracker) Split(ctx context.Context) {
	if t.cfg.disabled {
		return
	}
	FromContext(ctx).Skip()
	markSkipped(trace.SpanFromContext(ctx))
}

// StartPart begins to track a part of the request of ctx as an activity of its own, which
// [FromContext] finds in the context that it returns. It is not on a span, because many parts
// may have the same one.
//
// Who acts follows from ctx, as for a request, and else from the request. The client address,
// the user agent and the session are those of the request. If that is not tracked, there is no
// client address. The functions of the service get the request, or a POST request with the
// header of p.
func (t *Tracker) StartPart(ctx context.Context, p Part) (context.Context, Call) {
	request := FromContext(ctx)
	if t.cfg.strict != nil && (request == nil || request.held == nil) {
		t.cfg.refuse.Do(func() { otel.Handle(errStrictAdapter) })
	}
	r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/"}, Header: p.Header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody}
	switch {
	case request != nil:
		r = request.received(ctx)
	case r.Header == nil:
		r.Header = http.Header{}
		fallthrough
	default:
		r = r.WithContext(ctx)
	}
	if !t.cfg.disabled && t.cfg.filtered(r) {
		return ctx, Call{}
	}
	if t.cfg.callObject != nil && p.Request != nil {
		p.Object = mergeObjects(p.Object, t.cfg.objectOf(p.Name, p.Request))
	}
	cur := t.cfg.newCurrent(ctx, r, nil)
	cur.end.span = trace.SpanFromContext(context.Background())
	cur.request, cur.part = request, &route.Act{Name: p.Name, Type: p.Action, Object: p.Object}
	switch p.Action {
	case activity.ActionLogin:
		cur.part.Session = route.Login
	case activity.ActionLogout:
		cur.part.Session = route.Logout
	}
	return cur.outer.Context(), Call{cur: cur, outer: true}
}

// actorOf returns the actor of r by its context or an option, and else that of the request
// that a part belongs to.
func (c *Current) actorOf(r *http.Request) activity.Actor {
	actor := c.named(c.cfg.actorOf(r))
	if actor.IsZero() && c.request != nil {
		return c.request.who(r.Context()).Actor
	}
	return actor
}

// locate fills in from where the client acts.
func (c *Current) locate(a *activity.Activity) {
	if c.request != nil {
		request := c.request.who(c.outer.Context())
		if a.ClientAddress == "" {
			a.ClientAddress = request.ClientAddress
		}
		if a.SessionID == "" && (request.Actor.IsZero() || sameActor(a.Actor, request.Actor)) {
			a.SessionID = request.SessionID
		}
	}
	if a.ClientAddress == "" {
		a.ClientAddress = c.cfg.clientAddress(c.end.incoming)
	}
	a.UserAgent = header(c.end.incoming.Header, "User-Agent")
}
