package activitygrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activitygrpc "github.com/otelactivity/activitylog/instrument/grpc"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

const service = adaptertest.Service

// message is every message of the blog.
type message = adaptertest.Message

// statusOf returns an error of the blog as one of gRPC.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	return status.Error(codeOf[adaptertest.Code(err)], err.Error())
}

var codeOf = map[int]codes.Code{
	401: codes.Unauthenticated, 403: codes.PermissionDenied, 404: codes.NotFound, 400: codes.InvalidArgument,
}

func authorization(ctx context.Context) string {
	return strings.Join(metadata.ValueFromIncomingContext(ctx, "authorization"), ",")
}

// descriptor describes the blog to gRPC, as generated code does.
func descriptor(blog *adaptertest.Blog) *grpc.ServiceDesc {
	desc := &grpc.ServiceDesc{ServiceName: service, HandlerType: (*any)(nil)}
	for do, name := range adaptertest.Methods {
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			in := &message{}
			if err := decode(in); err != nil {
				return nil, err
			}
			return interceptor(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/" + service + "/" + name}, func(ctx context.Context, req any) (any, error) {
				out, err := blog.Handle(ctx, do, authorization(ctx), req.(*message))
				return out, statusOf(err)
			})
		}})
	}
	return desc
}

// authenticate is the authentication of the blog.
func authenticate(blog *adaptertest.Blog) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		ctx, err := blog.Authenticate(ctx, info.FullMethod, authorization(ctx))
		if err != nil {
			return nil, statusOf(err)
		}
		return handler(ctx, req)
	}
}

// recovers answers a panic with INTERNAL.
func recovers(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (res any, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = status.Error(codes.Internal, "sorry")
		}
	}()
	return handler(ctx, req)
}

// start starts a server and returns a connection to it.
func start(t *testing.T, descs []*grpc.ServiceDesc, opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(append(opts, grpc.ForceServerCodec(adaptertest.JSONCodec{}))...)
	for _, desc := range descs {
		server.RegisterService(desc, nil)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(adaptertest.JSONCodec{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestStory(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	health := &grpc.ServiceDesc{ServiceName: "grpc.health.v1.Health", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Check", Handler: func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			in := &message{}
			if err := decode(in); err != nil {
				return nil, err
			}
			return interceptor(activity.ContextWithActor(ctx, activity.Actor{ID: "1"}), in, &grpc.UnaryServerInfo{FullMethod: adaptertest.CheckMethod},
				func(context.Context, any) (any, error) { return in, nil })
		},
	}}}
	conn := start(t, []*grpc.ServiceDesc{descriptor(blog), health}, grpc.ChainUnaryInterceptor(recovers,
		activitygrpc.UnaryServerInterceptor(rec.Options()...), authenticate(blog), activitygrpc.CaptureUnary))
	adaptertest.PlayCalls(t, func(step *adaptertest.Step, token string) (int, string) {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
		var out message
		err := conn.Invoke(ctx, adaptertest.Procedure(step.Do), adaptertest.NewMessage(step), &out)
		return activity.HTTPFromRPC(activity.RPCStatus(status.Code(err).String())), out.Token
	})
	rec.Compare(t, false)
	if names := rec.Names(); names[4] != service+"/CreateArticle" {
		t.Errorf("names: %q", names)
	}
}

// TestStream is about a call with streams.
func TestStream(t *testing.T) {
	for name, tt := range map[string]struct {
		handler func(grpc.ServerStream) error
		want    string
	}{
		"success":   {func(s grpc.ServerStream) error { return s.SendMsg(&message{}) }, "Success "},
		"refused":   {func(grpc.ServerStream) error { return status.Error(codes.PermissionDenied, "no") }, "Failed PERMISSION_DENIED"},
		"any error": {func(grpc.ServerStream) error { return errors.New("no") }, "Failed UNKNOWN"},
		"too late":  {func(grpc.ServerStream) error { return context.DeadlineExceeded }, "Failed DEADLINE_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			desc := &grpc.ServiceDesc{ServiceName: service, HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
				StreamName: "ExportArticle", ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
					if err := s.RecvMsg(&message{}); err != nil {
						return err
					}
					if instrument.FromContext(s.Context()) == nil {
						t.Error("the handler does not find its activity")
					}
					return tt.handler(s)
				},
			}}}
			user := func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				return handler(srv, &userStream{s})
			}
			conn := start(t, []*grpc.ServiceDesc{desc}, grpc.ChainStreamInterceptor(
				activitygrpc.StreamServerInterceptor(rec.Options()...), user, activitygrpc.CaptureStream))
			s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/"+service+"/ExportArticle")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.SendMsg(&message{ID: "17"}), s.CloseSend()); err != nil {
				t.Fatal(err)
			}
			for err == nil {
				err = s.RecvMsg(&message{})
			}
			if (status.Code(err) == codes.OK || errors.Is(err, io.EOF)) != (tt.want == "Success ") {
				t.Errorf("the client got %v", err)
			}
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want || rec.Objects()[0] != "article 17" {
				t.Errorf("recorded %q about %q, want %q", got, rec.Objects(), tt.want)
			}
		})
	}
}

type userStream struct{ grpc.ServerStream }

func (s *userStream) Context() context.Context {
	return activity.ContextWithActor(s.ServerStream.Context(), activity.Actor{ID: "1", Name: "alice"})
}

// TestMetadata is about what the functions of the service get of a call.
func TestMetadata(t *testing.T) {
	rec := adaptertest.Record(t)
	var got http.Header
	opts := append(rec.Options(), instrument.WithActor(func(r *http.Request) activity.Actor {
		got = r.Header
		return activity.Actor{ID: r.Header.Get("X-User")}
	}), instrument.WithCallObject(func(name string, request any) activity.Object {
		return activity.Object{Type: "draft", ID: request.(*message).Title + " " + name[strings.LastIndexByte(name, '/')+1:]}
	}))
	conn := start(t, []*grpc.ServiceDesc{descriptor(adaptertest.NewBlog())}, grpc.ChainUnaryInterceptor(activitygrpc.UnaryServerInterceptor(opts...)))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-user", "42", "trace-bin", "\x00\x01")
	if err := conn.Invoke(ctx, "/"+service+"/ListArticles", &message{ID: "17", Title: "t"}, &message{}); err != nil {
		t.Fatal(err)
	}
	if got.Get("X-User") != "42" || got.Get("Trace-Bin") != "" || !strings.HasPrefix(got.Get("User-Agent"), "grpc-go/") {
		t.Errorf("header %v", got)
	}
	if objects := rec.Objects(); len(objects) != 1 || objects[0] != "draft t ListArticles" {
		t.Errorf("recorded %q", objects)
	}
}

// TestStrictStream checks that no message of a stream leaves before its activity is on disk: here
// no spool takes it.
func TestStrictStream(t *testing.T) {
	for name, strict := range map[string]activity.ActionType{"refused": activity.ActionRead, "another type": activity.ActionDelete} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			desc := &grpc.ServiceDesc{ServiceName: service, HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
				StreamName: "ExportArticle", ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
					if err := s.RecvMsg(&message{}); err != nil {
						return err
					}
					if s.SendMsg(&message{Title: "first"}) != nil { // a handler may go on nevertheless
						return s.SendMsg(&message{Title: "first"})
					}
					return nil
				},
			}}}
			conn := start(t, []*grpc.ServiceDesc{desc}, grpc.ChainStreamInterceptor(
				activitygrpc.StreamServerInterceptor(append(rec.Options(), instrument.WithAnonymous(), instrument.WithStrict(strict))...)))
			s, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/"+service+"/ExportArticle")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.SendMsg(&message{ID: "17"}), s.CloseSend()); err != nil {
				t.Fatal(err)
			}
			var first message
			err = s.RecvMsg(&first)
			if want := map[string]codes.Code{"refused": codes.Unavailable}[name]; status.Code(err) != want || (first.Title == "first") != (want == codes.OK) {
				t.Errorf("the client got %q, %v; want %v", first.Title, err, want)
			}
			if err != nil && status.Convert(err).Message() != instrument.ErrNotStored.Error() {
				t.Errorf("the client is told %q", err) // the reason may name a file
			}
			for err == nil {
				err = s.RecvMsg(&message{})
			}
			if objects := rec.Objects(); len(objects) != 1 || objects[0] != "article 17" {
				t.Errorf("recorded %q", objects)
			}
		})
	}
}
