package instrument

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelactivity/activitylog/activity"
)

// Recorder records activities of jobs, command lines and message consumers:
// whatever is no HTTP request. It may be used from many goroutines.
type Recorder struct{ cfg *config }

// NewRecorder returns a Recorder. It heeds [WithLoggerProvider] and
// [WithDisabled]; all other options are about requests.
func NewRecorder(opts ...Option) *Recorder { return &Recorder{newConfig(opts)} }

var errNoActionType = errors.New("record activity: it has no action type")

// Record records a as one log record, within the trace of ctx and even if ctx
// is cancelled, and returns its id: a.ID, or a new one for a.Time, or for now.
// The defaults of [activity.Activity] stand in for what is empty, and data is
// copied as by [Current.SetData]. An activity without an action type is not
// recorded: [otel.Handle] gets an error, and the id is zero. When recording is
// disabled the id is zero too.
//
// Record leaves the current span alone: a job may record many activities within
// one span, and a span holds the attributes of one. Within a request it records
// one more activity; to change the request's own, use [FromContext].
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

// emit emits the log record of a, whose attributes are attrs. A client that
// goes away cancels its request's context, but what it did is done: the record
// does not depend on it.
func (c *config) emit(ctx context.Context, a *activity.Activity, attrs []attribute.KeyValue) {
	var r log.Record
	r.SetEventName(activity.EventName)
	r.SetTimestamp(a.ID.Time())
	r.SetSeverity(log.SeverityInfo)
	r.SetSeverityText("INFO")
	if a.Status == activity.StatusFailed {
		r.SetSeverity(log.SeverityWarn)
		r.SetSeverityText("WARN")
	}
	r.SetBody(attribute.StringValue(validText(a.Remarks)))
	r.AddAttributes(attrs...)
	c.logger.Emit(context.WithoutCancel(ctx), r)
}
