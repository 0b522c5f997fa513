// Package activitygrpc records the calls of a gRPC server as activities, as package instrument
// does for HTTP requests. Its interceptors belong behind one that recovers from panics, and
// before all others. otelgrpc makes the span that the activity is on as well:
//
//	server := grpc.NewServer(
//		grpc.StatsHandler(otelgrpc.NewServerHandler()),
//		grpc.ChainUnaryInterceptor(activitygrpc.UnaryServerInterceptor(opts...), authenticate, activitygrpc.CaptureUnary),
//		grpc.ChainStreamInterceptor(activitygrpc.StreamServerInterceptor(opts...), authenticateStream, activitygrpc.CaptureStream),
//	)
//
// What a call does follows from the first word of its method: GetArticle reads an article.
// Package [github.com/otelactivity/activitylog/activity/procedure] has the rules, which the
// Collector applies to spans as well. The id of the object is that of the request, if its
// message has a field id; [instrument.WithCallObject] finds it elsewhere. A call has failed if
// its status is not OK, and the error type is that status: "PERMISSION_DENIED".
//
// Authentication says who calls by [activity.ContextWithActor]. CaptureUnary and CaptureStream
// belong behind it, because a context that it passes on is not seen before. Handlers add to
// the activity of their call:
//
//	instrument.FromContext(ctx).SetChange("title", old, title)
//
// Health checks and reflection are not recorded.
package activitygrpc

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// UnaryServerInterceptor returns an interceptor that records each tracked call as one activity.
// It takes the options of [instrument.NewMiddleware]; their functions get a POST request to
// the name of the call, with its context and its metadata as the header.
func UnaryServerInterceptor(opts ...instrument.Option) grpc.UnaryServerInterceptor {
	tracker := instrument.NewTracker(opts...)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (res any, err error) {
		ctx, call := tracker.StartProcedure(ctx, procedureOf(ctx, info.FullMethod))
		object := tracker.Object(info.FullMethod, req) // before the handler, which may change the message
		err = run(call, func() activity.Object { return object }, func() error {
			res, err = handler(ctx, req)
			return err
		})
		return res, err
	}
}

// StreamServerInterceptor returns an interceptor that records each tracked call with streams as
// one activity, when it ends. The first message that the client sends is its request.
func StreamServerInterceptor(opts ...instrument.Option) grpc.StreamServerInterceptor {
	tracker := instrument.NewTracker(opts...)
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		ctx, call := tracker.StartProcedure(stream.Context(), procedureOf(stream.Context(), info.FullMethod))
		observed := &observedStream{ServerStream: stream, ctx: ctx, tracker: tracker, name: info.FullMethod, call: call}
		return run(call, observed.request, func() error { return handler(srv, observed) })
	}
}

// CaptureUnary is an interceptor that makes the activity use the context that it gets.
func CaptureUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	instrument.CaptureContext(ctx)
	return handler(ctx, req)
}

// CaptureStream is [CaptureUnary] for calls with streams.
func CaptureStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	instrument.CaptureContext(stream.Context())
	return handler(srv, stream)
}

// errNotStored is all that a client is told: the reason, which the error handler of
// OpenTelemetry gets, may name a file of the service.
var errNotStored = status.Error(codes.Unavailable, instrument.ErrNotStored.Error())

// run runs a handler and ends its call.
func run(call instrument.Call, object func() activity.Object, handler func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			call.End(answer(err, object()))
			if call.Err() != nil {
				err = errNotStored
			}
			return
		}
		value := recover()
		call.End(instrument.Answer{Object: object(), Panicked: true, Panic: value})
		if value != nil { // nil: runtime.Goexit, which continues by itself
			panic(value)
		}
	}()
	err = handler()
	returned = true
	return err
}

// answer returns how a call ended that returned err.
func answer(err error, object activity.Object) instrument.Answer {
	if err == nil {
		return instrument.Answer{Object: object}
	}
	s, ok := status.FromError(err)
	if !ok {
		s = status.FromContextError(err) // as gRPC itself does
	}
	name := activity.RPCStatus(s.Code().String())
	return instrument.Answer{Object: object, Code: activity.HTTPFromRPC(name), ErrorType: name}
}

// procedureOf returns the call of ctx.
func procedureOf(ctx context.Context, name string) instrument.Procedure {
	p := instrument.Procedure{Name: name}
	if from, ok := peer.FromContext(ctx); ok && from.Addr != nil {
		p.Peer = from.Addr.String()
	}
	md, _ := metadata.FromIncomingContext(ctx)
	p.Header = make(http.Header, len(md))
	for key, values := range md {
		if !strings.HasPrefix(key, ":") && !strings.HasSuffix(key, "-bin") {
			p.Header[http.CanonicalHeaderKey(key)] = values
		}
	}
	return p
}

// observedStream is the stream of a call, with the activity in its context.
type observedStream struct {
	grpc.ServerStream
	ctx     context.Context //nolint:containedctx // a stream has one
	tracker *instrument.Tracker
	name    string
	call    instrument.Call
	object  atomic.Pointer[activity.Object] // of the first message, nil before it
	answers sync.Once                       // it has begun
}

// SendMsg refuses the call if its activity must be on disk before the first message leaves, and
// is not.
func (s *observedStream) SendMsg(message any) error {
	var err error
	s.answers.Do(func() { err = s.call.Store(s.request()) })
	if err != nil {
		return errNotStored
	}
	return s.ServerStream.SendMsg(message) //nolint:wrapcheck // it is a status
}

// request returns the object of the request.
func (s *observedStream) request() activity.Object {
	if object := s.object.Load(); object != nil {
		return *object
	}
	return activity.Object{}
}

func (s *observedStream) Context() context.Context { return s.ctx }

func (s *observedStream) RecvMsg(message any) error {
	err := s.ServerStream.RecvMsg(message)
	if err == nil && s.object.Load() == nil {
		object := s.tracker.Object(s.name, message)
		s.object.Store(&object)
	}
	return err //nolint:wrapcheck // it is io.EOF, or a status
}
