package instrument

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// Origin says who asked for something that is done later, and in which request: keep it in the
// arguments of a job or in a message. It can be written as JSON. [OriginOf] makes it, and
// [Origin.Start] takes it where the job runs.
type Origin struct {
	Actor       activity.Actor `json:"actor"`
	TraceParent string         `json:"traceparent,omitempty"` // W3C Trace Context
	TraceState  string         `json:"tracestate,omitempty"`
}

// OriginOf returns the origin of what ctx asks for: the actor of its request or of
// [activity.ContextWithActor], and its span.
func OriginOf(ctx context.Context) Origin {
	o := Origin{Actor: activity.ActorFromContext(ctx)}
	if c := FromContext(ctx); c != nil {
		if o.Actor.IsZero() {
			o.Actor = c.who(ctx).Actor
		}
		o.Actor = c.cfg.detachedActor(o.Actor)
	}
	header := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, header)
	o.TraceParent, o.TraceState = header["traceparent"], header["tracestate"]
	return o
}

// Start starts the span of the job and returns its context, in which the one who asked acts: a
// [Recorder] names them. The span is the root of a trace of its own, because the request ended
// long ago, and has a link to the span that asked. End it with [trace.Span.End].
func (o Origin) Start(ctx context.Context, tracer trace.Tracer, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	asked := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": o.TraceParent, "tracestate": o.TraceState})
	opts = append([]trace.SpanStartOption{trace.WithNewRoot()}, opts...)
	if link := trace.SpanContextFromContext(asked); link.IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: link}))
	}
	ctx, span := tracer.Start(ctx, name, opts...)
	if !o.Actor.IsZero() {
		ctx = activity.ContextWithActor(ctx, o.Actor)
	}
	return ctx, span
}
