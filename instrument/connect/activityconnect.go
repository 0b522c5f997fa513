// Package activityconnect records the calls of a Connect server as activities, as package
// instrument does for HTTP requests. Its interceptor belongs behind one that recovers from
// panics, and before all others. That of otelconnect, or otelhttp around the handler, makes the
// span that the activity is on as well:
//
//	path, handler := blogv1connect.NewArticleServiceHandler(server, connect.WithInterceptors(
//		otel, activityconnect.NewInterceptor(opts...), authenticate, activityconnect.Capture()))
//
// What a call does follows from the first word of its procedure: GetArticle reads an article.
// Package [github.com/otelactivity/activitylog/activity/procedure] has the rules, which the
// Collector applies to spans as well. The id of the object is that of the request, if its
// message has a field id; [instrument.WithCallObject] finds it elsewhere. A call has failed if
// it returns an error, and the error type is the code: "PERMISSION_DENIED".
//
// Authentication says who calls by [activity.ContextWithActor]. Capture belongs behind it,
// because a context that it passes on is not seen before. Authentication by a middleware of
// net/http needs no Capture. Handlers add to the activity of their call:
//
//	instrument.FromContext(ctx).SetChange("title", old, title)
//
// Health checks and reflection are not recorded.
//
// The interceptor may also be inside [instrument.NewHandler]. There is one activity then.
package activityconnect

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/internal/calls"
)

// NewInterceptor returns an interceptor that records each tracked call of a handler as one
// activity. Of a call with streams, the first message that the client sends is its request. It
// takes the options of [instrument.NewMiddleware]; their functions get a POST request to the
// procedure, with the context and the header of the call. On clients it does nothing.
func NewInterceptor(opts ...instrument.Option) connect.Interceptor {
	return &interceptor{instrument.NewTracker(opts...)}
}

type interceptor struct{ tracker *instrument.Tracker }

// WrapUnary implements [connect.Interceptor].
func (i *interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		if req.Spec().IsClient {
			return next(ctx, req)
		}
		ctx, call := i.start(ctx, req.Spec(), req.Peer(), req.Header())
		object := i.tracker.Object(req.Spec().Procedure, req.Any()) // before the handler, which may change the message
		err = protocol.Run(call, func() activity.Object { return object }, func() error {
			res, err = next(ctx, req)
			return err
		})
		return res, err
	}
}

// WrapStreamingClient implements [connect.Interceptor].
func (*interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler implements [connect.Interceptor].
func (i *interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, call := i.start(ctx, conn.Spec(), conn.Peer(), conn.RequestHeader())
		observed := &calls.Stream{Tracker: i.tracker, Call: call, Name: conn.Spec().Procedure}
		return protocol.Run(call, observed.Object, func() error { return next(ctx, &observedConn{conn, observed}) })
	}
}

func (i *interceptor) start(ctx context.Context, spec connect.Spec, peer connect.Peer, header http.Header) (context.Context, instrument.Call) {
	return i.tracker.StartProcedure(ctx, instrument.Procedure{Name: spec.Procedure, Peer: peer.Addr, Header: header})
}

// protocol is Connect.
var protocol = calls.Protocol{
	Status: func(err error) string {
		code := connect.CodeOf(err)
		if code == connect.CodeUnknown { // Connect answers these with codes of their own
			switch {
			case errors.Is(err, context.Canceled):
				code = connect.CodeCanceled
			case errors.Is(err, context.DeadlineExceeded):
				code = connect.CodeDeadlineExceeded
			}
		}
		return activity.RPCStatus(code.String())
	},
	Refusal: func() error { return connect.NewError(connect.CodeUnavailable, instrument.ErrNotStored) },
}

// observedConn is the stream of a call.
type observedConn struct {
	connect.StreamingHandlerConn
	call *calls.Stream
}

// Send implements [connect.StreamingHandlerConn].
func (c *observedConn) Send(message any) error {
	if c.call.BeforeAnswer() != nil {
		return protocol.Refusal()
	}
	return c.StreamingHandlerConn.Send(message) //nolint:wrapcheck // it is an error of Connect
}

// Receive implements [connect.StreamingHandlerConn].
func (c *observedConn) Receive(message any) error {
	err := c.StreamingHandlerConn.Receive(message)
	if err == nil {
		c.call.Received(message)
	}
	return err //nolint:wrapcheck // it is io.EOF, or an error of Connect
}

// Capture returns an interceptor that makes the activity use the context that it gets.
func Capture() connect.Interceptor { return capture{} }

type capture struct{}

// WrapUnary implements [connect.Interceptor].
func (capture) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if !req.Spec().IsClient {
			instrument.CaptureContext(ctx)
		}
		return next(ctx, req)
	}
}

// WrapStreamingClient implements [connect.Interceptor].
func (capture) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler implements [connect.Interceptor].
func (capture) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		instrument.CaptureContext(ctx)
		return next(ctx, conn)
	}
}
