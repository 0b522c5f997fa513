package instrument

import (
	"context"
	"errors"

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
	a.Data = plainMap(a.Data)
	if a.Remarks == "" {
		a.Remarks = a.DefaultRemarks()
	}
	rec.cfg.emit(ctx, &a, attributesOf(&a, 0))
	return a.ID
}

// emit emits the log record of a, whose attributes are attrs. It ignores that ctx is
// cancelled, as it is if the client disconnects: the action has happened.
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
	c.logger.Emit(context.WithoutCancel(ctx), r)
}
