package instrument

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/route"
)

// ending holds what is known of a request when it ends, in addition to its Current.
type ending struct {
	span       trace.Span
	incoming   *http.Request       // as received; handlers see a copy of it
	url        urlPath             // as received: routers may shorten that of the request
	writer     http.ResponseWriter // nil: the request is that of a Tracker
	header     http.Header         // of the answer to such a request
	panicked   bool
	panicValue any
}

// urlPath is the path of a URL, which [url.URL] keeps decoded, and in its own form if that is
// not the usual one.
type urlPath struct{ path, raw string }

func pathOf(u *url.URL) urlPath { return urlPath{u.Path, u.RawPath} }

// url returns a URL with that path.
func (p urlPath) url() *url.URL { return &url.URL{Path: p.path, RawPath: p.raw} }

// escaped is [url.URL.EscapedPath].
func (p urlPath) escaped() string { return p.url().EscapedPath() }

// returned is called when the handler has returned.
func (c *Current) returned(end *ending) {
	switch writer := kindOf(end.writer); {
	case writer == ordinary || c.response.code.Load() != 0:
		c.finishOnce(end, false)
	case writer == answersLater:
		c.finishLater(end)
	default:
		c.cfg.refuse.Do(func() { otel.Handle(errRunsLater) })
		c.set(func(*activity.Activity) { c.skipped = true })
		c.finishOnce(end, false)
	}
}

// finishOnce ends the activity, unless it has ended, and reports whether it was recorded. now says
// that it is called by [Current.RecordNow].
func (c *Current) finishOnce(end *ending, now bool) (recorded bool) {
	if !c.set(func(*activity.Activity) {
		c.ended = true // from here on, nothing else changes c.act
		c.now.Store(now)
		c.recording.Lock()
	}) {
		return false
	}
	defer func() {
		c.mu.Lock()
		c.final = true
		c.mu.Unlock()
		c.recording.Unlock()
	}()
	return c.finish(end)
}

// finish records the activity if it is tracked, and reports whether it is.
func (c *Current) finish(end *ending) (recorded bool) {
	a := &c.act
	req := c.innermost()
	var act found
	if c.isTaken(end.span) && !c.cfg.disabled && !c.skipped {
		act = c.said.act
		if !c.said.asked || c.said.code != c.response.status(end.panicked) {
			act = c.derive(req, end)
		}
		if c.identify(a, &act, req, end, &c.said) {
			c.complete(a, &act, req, end)
			recorded = c.cfg.keeps(a)
		}
	}
	if c.skipped && !c.cfg.disabled {
		_ = c.derive(req, end) // it masks the secrets in the path on the span
	}
	c.cfg.detach(a)
	switch {
	case recorded:
		c.record(a, &act, end)
	case !c.cfg.disabled:
		markSkipped(end.span)
	}
	return recorded
}

// passBack gives the request as it was received what the otelhttp handler around ours reads from
// it: the route, by which it names the span, and what it must remove. It is called where that
// handler waits, because RecordNow may end the activity in another goroutine.
func (c *Current) passBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := c.outer
	if c.innerDone {
		req = c.inner
	}
	pattern, template := req.Pattern, c.said.act.template
	if template == nil || template.String() != pattern {
		template = c.cfg.routes.Get(pattern)
	}
	if template.HoldsSecret() {
		pattern = ""
	}
	c.end.incoming.Pattern, c.end.incoming.MultipartForm = pattern, req.MultipartForm
}

// keeps reports whether a finished activity is recorded.
func (c *config) keeps(a *activity.Activity) bool {
	return !c.withoutReads || a.ActionType != activity.ActionRead || a.Status != activity.StatusSuccess
}

// markSkipped marks the span of a request that is not an activity, so that the
// collector does not derive one from it: the service decides what is tracked.
func markSkipped(span trace.Span) { span.SetAttributes(skipped...) }

var skipped = []attribute.KeyValue{attribute.Bool(activity.SkippedKey, true)}

// isTaken reports whether anybody takes the activity: the request's span, or a processor of log
// records. If nobody does, nothing is built.
func (c *Current) isTaken(span trace.Span) bool {
	return span.IsRecording() || c.cfg.strict != nil ||
		c.cfg.logger.Enabled(c.detached(), log.EnabledParameters{Severity: log.SeverityInfo, EventName: activity.EventName}) ||
		c.cfg.logger.Enabled(c.detached(), log.EnabledParameters{Severity: log.SeverityWarn, EventName: activity.EventName})
}

// track finds action type and actor, and reports whether the request has a type.
func (c *Current) track(a *activity.Activity, act *found, req *http.Request, end *ending, said *answers) bool {
	login := isSession(a.ActionType) // the handler says whose
	switch {
	case a.ActionType != "":
		act.Session = route.NoSession // the handler knows better
	case act.noise && !c.now.Load() && !isDescribed(a):
		return false
	default:
		a.ActionType = act.Type
	}
	switch {
	case a.ActionType == "":
		return false
	case !a.Actor.IsZero() || a.ActionType == activity.ActionLoginFailed:
		if !login && a.ActionType != activity.ActionLoginFailed {
			a.Actor = c.named(a.Actor)
		}
	case c.response.status(end.panicked) == http.StatusUnauthorized:
		// The service does not know who it was, whatever the request claims.
	case said.asked:
		a.Actor = said.actor
	default:
		a.Actor = c.actorOf(req)
	}
	return true
}

// isDescribed reports whether the handler has said what the request is about. An actor
// alone says nothing of that: authentication sets it for every request.
func isDescribed(a *activity.Activity) bool {
	return a.ActionName != "" || a.Object.Type != "" || a.Object.ID != "" || a.Remarks != "" || len(a.Data) > 0 ||
		len(a.Objects) > 0 || !a.BatchID.IsZero()
}

// identify finds the actor and reports whether the request is tracked.
func (c *Current) identify(a *activity.Activity, act *found, req *http.Request, end *ending, said *answers) bool {
	if !c.track(a, act, req, end, said) {
		return false
	}
	code := c.response.status(end.panicked)
	if act.Session != route.NoSession {
		c.answered(a, act, end)
	}
	c.cfg.actors.note(a.Actor)
	if !a.Actor.IsZero() || a.ActionType == activity.ActionLoginFailed || c.declared.Load() {
		return true
	}
	refused := code == http.StatusUnauthorized || code == http.StatusForbidden
	a.Actor.Type = activity.ActorAnonymous
	return c.cfg.anonymous || c.cfg.anonymousFailures && refused || act.Session.IsAnswer(code)
}

// complete fills in everything that the handler has not set.
func (c *Current) complete(a *activity.Activity, act *found, req *http.Request, end *ending) {
	c.describe(a, act, end)
	a.Remarks = c.remarks(a, req)
}

// describe fills in everything except the remarks.
func (c *Current) describe(a *activity.Activity, act *found, end *ending) {
	a.ID = c.ID()
	a.Status, a.ErrorType = c.outcome(a, end)
	c.locate(a)
	c.place(a, act, end)
}

// outcome returns status and error type, from the handler or else from the response.
func (c *Current) outcome(a *activity.Activity, end *ending) (activity.Status, string) {
	code := c.response.status(end.panicked)
	status, errorType := a.Status, a.ErrorType
	switch {
	case end.panicked || status == "" && a.ActionType == activity.ActionLoginFailed:
		status = activity.StatusFailed
	case status == "":
		status = activity.StatusFromHTTP(code)
	}
	switch {
	case status != activity.StatusFailed || errorType != "":
	case end.panicked:
		errorType = panicType(end.panicValue)
	case code >= 400:
		errorType = c.response.errorType(code)
	}
	return status, errorType
}

// clientAbort is the error type of a request that was ended because the client went
// away, as http.ReverseProxy does. It is not a fault of the service.
const clientAbort = "client_abort"

// panicType returns the type of a panic's value, "panic" for a plain text.
func panicType(value any) string {
	switch value {
	case nil:
		return "panic"
	case http.ErrAbortHandler:
		return clientAbort
	}
	if _, text := value.(string); text {
		return "panic"
	}
	return fmt.Sprintf("%T", value)
}

// unnamedRoute returns the route if it is not in the name of the action, as in that of
// "article.publish". Rules of the collector select by it. A span has it already.
func (f *found) unnamedRoute(a *activity.Activity) string {
	if f.template == nil || f.template.HoldsSecret() || strings.HasSuffix(a.ActionName, f.template.String()) {
		return ""
	}
	return f.template.String()
}

// record puts the attributes of a on the span and emits them in a log record.
func (c *Current) record(a *activity.Activity, act *found, end *ending) {
	attrs := attributesOf(a, 1) // and the remarks
	logged := attrs
	if pattern := act.unnamedRoute(a); pattern != "" {
		logged = append(slices.Clip(attrs), semconv.HTTPRoute(pattern))
	}
	if c.cfg.isStrict(a) {
		err := c.cfg.emitStrictly(c.detached(), a, logged)
		c.refuse(err)
		c.request.refuse(err)
	} else {
		c.cfg.emit(c.detached(), a, logged)
	}
	if !end.span.IsRecording() {
		return
	}
	if a.ClientAddress == "" {
		// otelhttp took the span's address from X-Forwarded-For, which cannot be
		// trusted. An attribute cannot be removed, only set to "".
		attrs = append(attrs, attribute.String(activity.ClientAddressKey, ""))
	}
	end.span.SetAttributes(append(attrs, attribute.String(activity.RemarksKey, validText(a.Remarks)))...)
}
