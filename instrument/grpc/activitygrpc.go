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

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/internal/calls"
)

// UnaryServerInterceptor returns an interceptor that records each tracked call as one activity.
// It takes the options of [instrument.NewMiddleware]; their functions get a POST request to
// the name of the call, with its context and its metadata as the header.
func UnaryServerInterceptor(opts ...instrument.Option) grpc.UnaryServerInterceptor {
	tracker := instrument.NewTracker(opts...)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (res any, err error) {
		ctx, call := tracker.StartProcedure(ctx, procedureOf(ctx, info.FullMethod))
		object := tracker.Object(info.FullMethod, req) // before the handler, which may change the message
		err = protocol.Run(call, func() activity.Object { return object }, func() error {
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
		observed := &calls.Stream{Tracker: tracker, Call: call, Name: info.FullMethod}
		return protocol.Run(call, observed.Object, func() error { return handler(srv, &observedStream{stream, ctx, observed}) })
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

// protocol is gRPC.
var protocol = calls.Protocol{
	Status: func(err error) string {
		s, ok := status.FromError(err)
		if !ok {
			s = status.FromContextError(err) // as gRPC itself does
		}
		return activity.RPCStatus(s.Code().String())
	},
	Refusal: func() error { return status.Error(codes.Unavailable, instrument.ErrNotStored.Error()) },
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
	ctx  context.Context //nolint:containedctx // a stream has one
	call *calls.Stream
}

func (s *observedStream) Context() context.Context { return s.ctx }

func (s *observedStream) SendMsg(message any) error {
	if s.call.BeforeAnswer() != nil {
		return protocol.Refusal()
	}
	return s.ServerStream.SendMsg(message) //nolint:wrapcheck // it is a status
}

func (s *observedStream) RecvMsg(message any) error {
	err := s.ServerStream.RecvMsg(message)
	if err == nil {
		s.call.Received(message)
	}
	return err //nolint:wrapcheck // it is io.EOF, or a status
}
