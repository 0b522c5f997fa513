package activityconnect_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityconnect "github.com/otelactivity/activitylog/instrument/connect"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

const service = "/" + adaptertest.Service + "/"

// message is every message of the blog.
type message = adaptertest.Message

// errorOf returns an error of the blog as one of Connect.
func errorOf(err error) error { return connect.NewError(codeOf[adaptertest.Code(err)], err) }

var codeOf = map[int]connect.Code{
	401: connect.CodeUnauthenticated, 403: connect.CodePermissionDenied, 404: connect.CodeNotFound, 400: connect.CodeInvalidArgument,
}

// authenticate is the authentication of the blog.
func authenticate(blog *adaptertest.Blog) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			ctx, err := blog.Authenticate(ctx, req.Spec().Procedure, req.Header().Get("Authorization"))
			if err != nil {
				return nil, errorOf(err)
			}
			return next(ctx, req)
		}
	}
}

// recovers answers a panic with INTERNAL.
func recovers(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (res connect.AnyResponse, err error) {
		defer func() {
			if value := recover(); value != nil {
				err = connect.NewError(connect.CodeInternal, errors.New("sorry"))
			}
		}()
		return next(ctx, req)
	}
}

// newMux returns the handlers of the blog, as generated code has them.
func newMux(blog *adaptertest.Blog, interceptors ...connect.Interceptor) *http.ServeMux {
	opts := []connect.HandlerOption{
		connect.WithCodec(adaptertest.JSONCodec{}), connect.WithInterceptors(append([]connect.Interceptor{connect.UnaryInterceptorFunc(recovers)}, interceptors...)...),
	}
	mux := http.NewServeMux()
	for do, name := range adaptertest.Methods {
		mux.Handle(service+name, connect.NewUnaryHandler(service+name, func(ctx context.Context, req *connect.Request[message]) (*connect.Response[message], error) {
			out, err := blog.Handle(ctx, do, req.Header().Get("Authorization"), req.Msg)
			if err != nil {
				return nil, errorOf(err)
			}
			return connect.NewResponse(out), nil
		}, opts...))
	}
	mux.Handle(adaptertest.CheckMethod, connect.NewUnaryHandler(adaptertest.CheckMethod, func(context.Context, *connect.Request[message]) (*connect.Response[message], error) {
		return connect.NewResponse(&message{}), nil
	}, opts...))
	return mux
}

func play(t *testing.T, url string, opts ...connect.ClientOption) {
	t.Helper()
	adaptertest.PlayCalls(t, func(step *adaptertest.Step, token string) (int, string) {
		client := connect.NewClient[message, message](http.DefaultClient, url+adaptertest.Procedure(step.Do), append(opts, connect.WithCodec(adaptertest.JSONCodec{}))...)
		req := connect.NewRequest(adaptertest.NewMessage(step))
		req.Header().Set("Authorization", "Bearer "+token)
		res, err := client.CallUnary(t.Context(), req)
		if err != nil {
			return activity.HTTPFromRPC(activity.RPCStatus(connect.CodeOf(err).String())), ""
		}
		return http.StatusOK, res.Msg.Token
	})
}

func TestStory(t *testing.T) {
	for name, opts := range map[string][]connect.ClientOption{"Connect": nil, "gRPC-Web": {connect.WithGRPCWeb()}} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			blog := adaptertest.NewBlog()
			srv := httptest.NewServer(newMux(blog, activityconnect.NewInterceptor(rec.Options()...), authenticate(blog), activityconnect.Capture()))
			defer srv.Close()
			play(t, srv.URL, opts...)
			rec.Compare(t, false)
			if names := rec.Names(); names[4] != "blog.v1.BlogService/CreateArticle" {
				t.Errorf("names: %q", names)
			}
		})
	}
}

// TestInsideNewHandler is about a Connect server inside our own handler: there is one activity
// for each call.
func TestInsideNewHandler(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	mux := newMux(blog, activityconnect.NewInterceptor(rec.Options()...), authenticate(blog), activityconnect.Capture())
	srv := httptest.NewServer(instrument.NewHandler(mux, "blog", rec.Options()...))
	defer srv.Close()
	play(t, srv.URL)
	if names := rec.Names(); len(names) != 17 || names[4] != "blog.v1.BlogService/CreateArticle" {
		t.Errorf("%d activities: %q", len(names), names)
	}
	if got := rec.Objects(); got[4] != "article 1" || got[8] != "comment 1" {
		t.Errorf("objects: %q", got)
	}
	if got := rec.Outcomes(); got[9] != "Failed PERMISSION_DENIED" {
		t.Errorf("outcomes: %q", got)
	}
}

// TestStream is about a call with streams.
func TestStream(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"success":   {nil, "Success "},
		"refused":   {connect.NewError(connect.CodePermissionDenied, errors.New("no")), "Failed PERMISSION_DENIED"},
		"any error": {errors.New("no"), "Failed UNKNOWN"},
		"too late":  {context.DeadlineExceeded, "Failed DEADLINE_EXCEEDED"},
		"canceled":  {context.Canceled, "Failed CANCELLED"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := adaptertest.Record(t)
			const export = service + "ExportArticle"
			mux := http.NewServeMux()
			mux.Handle(export, connect.NewServerStreamHandler(export, func(ctx context.Context, _ *connect.Request[message], stream *connect.ServerStream[message]) error {
				instrument.FromContext(ctx).SetActor(activity.Actor{ID: "1", Name: "alice"})
				if err := stream.Send(&message{}); err != nil {
					return err
				}
				return tt.err
			}, connect.WithCodec(adaptertest.JSONCodec{}), connect.WithInterceptors(activityconnect.NewInterceptor(rec.Options()...), activityconnect.Capture())))
			srv := httptest.NewServer(mux)
			defer srv.Close()
			client := connect.NewClient[message, message](http.DefaultClient, srv.URL+export, connect.WithCodec(adaptertest.JSONCodec{}))
			stream, err := client.CallServerStream(t.Context(), connect.NewRequest(&message{ID: "17"}))
			if err != nil {
				t.Fatal(err)
			}
			for stream.Receive() {
			}
			if (stream.Err() == nil) != (tt.err == nil) {
				t.Errorf("the client got %v", stream.Err())
			}
			_ = stream.Close()
			if got := rec.Outcomes(); len(got) != 1 || got[0] != tt.want || rec.Objects()[0] != "article 17" {
				t.Errorf("recorded %q about %q, want %q", got, rec.Objects(), tt.want)
			}
		})
	}
}

// TestClients is about interceptors on a client, where they do nothing.
func TestClients(t *testing.T) {
	rec := adaptertest.Record(t)
	blog := adaptertest.NewBlog()
	srv := httptest.NewServer(newMux(blog))
	defer srv.Close()
	client := connect.NewClient[message, message](http.DefaultClient, srv.URL+service+"ListArticles", connect.WithCodec(adaptertest.JSONCodec{}),
		connect.WithInterceptors(activityconnect.NewInterceptor(append(rec.Options(), instrument.WithAnonymous())...), activityconnect.Capture()))
	if _, err := client.CallUnary(t.Context(), connect.NewRequest(&message{})); err != nil {
		t.Fatal(err)
	}
	if names := rec.Names(); len(names) != 0 {
		t.Errorf("recorded %q", names)
	}
}

// TestStrictStream checks that no message of a stream leaves before its activity is on disk: here
// no spool takes it.
func TestStrictStream(t *testing.T) {
	rec := adaptertest.Record(t)
	const export = service + "ExportArticle"
	mux := http.NewServeMux()
	mux.Handle(export, connect.NewServerStreamHandler(export, func(_ context.Context, _ *connect.Request[message], stream *connect.ServerStream[message]) error {
		_ = stream.Send(&message{Title: "first"}) // a handler may go on nevertheless
		return stream.Send(&message{Title: "first"})
	}, connect.WithCodec(adaptertest.JSONCodec{}), connect.WithInterceptors(activityconnect.NewInterceptor(
		append(rec.Options(), instrument.WithAnonymous(), instrument.WithStrict(activity.ActionRead))...))))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := connect.NewClient[message, message](http.DefaultClient, srv.URL+export, connect.WithCodec(adaptertest.JSONCodec{}))
	stream, err := client.CallServerStream(t.Context(), connect.NewRequest(&message{ID: "17"}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	if stream.Receive() || connect.CodeOf(stream.Err()) != connect.CodeUnavailable {
		t.Errorf("the client got %v, %v", stream.Msg(), stream.Err())
	}
	if text := stream.Err().Error(); text != "unavailable: "+instrument.ErrNotStored.Error() {
		t.Errorf("the client is told %q", text) // the reason may name a file
	}
	if objects := rec.Objects(); len(objects) != 1 || objects[0] != "article 17" {
		t.Errorf("recorded %q", objects)
	}
}
