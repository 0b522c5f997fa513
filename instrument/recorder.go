package instrument

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelactivity/activitylog/activity"
)

// Recorder records activities that are not HTTP requests, such as those of jobs,
// command lines and message consumers. It may be used from many goroutines.
type Recorder struct{ cfg *config }

// NewRecorder returns a Recorder. Only the options [WithLoggerProvider] and
// [WithDisabled] have an effect; all others are about requests.
func NewRecorder(opts ...Option) *Recorder { return &Recorder{newConfig(opts)} }

var errNoActionType = errors.New("record activity: missing action type")

// Record records a as one log record in the trace of ctx, even if ctx is cancelled,
// and returns its id: a.ID, or else a new id for a.Time or, if that is zero, for the
// current time. Empty fields get the defaults of [activity.Activity], and data is
// copied as in [Current.SetData]. An activity without an action type is not recorded:
// [otel.Handle] gets an error, and the id is zero. If recording is disabled, the id is
// zero, too.
//
// Who acts, and from where, follows from ctx where a does not say it. The actor is that of
// [activity.ContextWithActor] or else of the request that ctx belongs to, also after that
// has ended. An activity of the same actor gets the rest of the actor, and the session, the
// client address and the user agent of the request. An activity without a batch gets the one
// of ctx, if [Batch] made it.
//
// Record does not change the current span: a job may record many activities within
// one span, but a span has the attributes of only one. In a request it records one
// more activity; to change the request's activity, use [FromContext].
func (rec *Recorder) Record(ctx context.Context, a activity.Activity) activity.ID {
	if rec.cfg.disabled {
		return activity.ID{}
	}
	if a.ActionType == "" {
		otel.Handle(errNoActionType)
		return activity.ID{}
	}
	if a.ID.IsZero() && a.Time.IsZero() {
		a.ID = activity.NewID()
	} else if a.ID.IsZero() {
		a.ID = activity.NewIDAt(a.Time)
	}
	if a.Status == "" {
		a.Status = activity.StatusSuccess
	}
	completeFrom(ctx, &a)
	if a.BatchID.IsZero() {
		a.BatchID = BatchID(ctx)
	}
	a.Data = plainMap(a.Data)
	if c := FromContext(ctx); c != nil {
		c.cfg.detach(&a)
	}
	if a.Remarks == "" {
		a.Remarks = a.DefaultRemarks()
	}
	rec.cfg.emit(context.WithoutCancel(ctx), &a, attributesOf(&a, 0))
	return a.ID
}

// Do calls f and records a, with what became of f: the status is Failed if f returns an error
// or panics, and the error type says which. The time of a is the start, and its data gets the
// duration, [activity.DurationKey]. Do returns the error of f, and panics if f does. What a
// says itself is kept. If f does not return because of [runtime.Goexit], a is Failed.
func (rec *Recorder) Do(ctx context.Context, a activity.Activity, f func(context.Context) error) (err error) {
	start := time.Now()
	if a.Time.IsZero() {
		a.Time = start
	}
	returned := false
	defer func() {
		errorType := ""
		var value any
		switch {
		case !returned:
			value = recover()
			errorType = panicType(value)
		case err != nil:
			errorType = ErrorType(err)
		}
		if errorType != "" {
			a.Status, a.ErrorType = cmp.Or(a.Status, activity.StatusFailed), cmp.Or(a.ErrorType, errorType)
		}
		a.Data = maps.Clone(a.Data)
		addData(&a, activity.DurationKey, float64(time.Since(start).Microseconds())/1000)
		rec.Record(ctx, a)
		if value != nil {
			panic(value)
		}
	}()
	err = f(ctx)
	returned = true
	return err
}

// completeFrom adds what ctx knows of who acts.
func completeFrom(ctx context.Context, a *activity.Activity) {
	c := FromContext(ctx)
	who := activity.ActorFromContext(ctx)
	var request activity.Activity
	if c != nil {
		request = c.who(ctx)
		if who.IsZero() {
			who = request.Actor
		}
	}
	switch {
	case a.Actor.IsZero() && a.ActionType == activity.ActionLoginFailed:
		// Whoever failed to log in is not known, whatever the context says.
	case a.Actor.IsZero():
		a.Actor = who
	case a.Actor.ID != "" && sameActor(a.Actor, who):
		a.Actor = activity.Actor{
			ID: who.ID, Type: cmp.Or(a.Actor.Type, who.Type), Name: cmp.Or(a.Actor.Name, who.Name),
			ImpersonatorID: cmp.Or(a.Actor.ImpersonatorID, who.ImpersonatorID), TenantID: cmp.Or(a.Actor.TenantID, who.TenantID),
		}
	}
	if c == nil || !sameActor(a.Actor, request.Actor) {
		return // somebody else, who may be elsewhere
	}
	a.SessionID = cmp.Or(a.SessionID, request.SessionID)
	a.ClientAddress = cmp.Or(a.ClientAddress, request.ClientAddress)
	a.UserAgent = cmp.Or(a.UserAgent, request.UserAgent)
}

// sameActor reports whether two actors are one. An id alone does not say so: user 7 is not
// service 7, nor user 7 of another tenant.
func sameActor(a, b activity.Actor) bool {
	if a.ID != "" { // then no type means a user
		a.Type, b.Type = cmp.Or(a.Type, activity.ActorUser), cmp.Or(b.Type, activity.ActorUser)
	}
	return a.ID == b.ID && a.Type == b.Type && (a.TenantID == b.TenantID || a.TenantID == "" || b.TenantID == "")
}

// who returns who acts in the request, and from where, as far as it is known so far.
func (c *Current) who(ctx context.Context) (a activity.Activity) {
	c.mu.Lock()
	switch {
	case c.final:
		a = whoOf(&c.act)
		c.mu.Unlock()
		return a
	case !c.ended:
		a = whoOf(&c.act)
		if !a.Actor.IsZero() && !isSession(c.act.ActionType) {
			a.Actor = c.named(a.Actor)
		}
	}
	asked, said := c.said.asked, c.said.actor
	c.mu.Unlock()
	switch {
	case !a.Actor.IsZero():
	case c.response.code.Load() == http.StatusUnauthorized:
		// As in track: the service does not know who it was.
	case asked && !said.IsZero():
		a.Actor = said
	default:
		a.Actor = c.actorOf(c.requestIn(ctx))
	}
	c.locate(&a)
	return a
}

// whoOf returns what a says of who acts, and from where.
func whoOf(a *activity.Activity) activity.Activity {
	return activity.Activity{Actor: a.Actor, SessionID: a.SessionID, ClientAddress: a.ClientAddress, UserAgent: a.UserAgent}
}

// emit emits the log record of a, whose attributes are attrs. ctx must not be cancelled, as that
// of a request is if the client disconnects: the action has happened.
func (c *config) emit(ctx context.Context, a *activity.Activity, attrs []attribute.KeyValue) {
	var r log.Record
	r.SetEventName(activity.EventName)
	r.SetTimestamp(a.ID.Time())
	r.SetSeverity(log.SeverityInfo)
	r.SetSeverityText("INFO")
	if a.Status == activity.StatusFailed && a.ErrorType != clientAbort {
		r.SetSeverity(log.SeverityWarn)
		r.SetSeverityText("WARN")
	}
	r.SetBody(attribute.StringValue(validText(a.Remarks)))
	r.AddAttributes(attrs...)
	c.logger.Emit(ctx, r)
}
