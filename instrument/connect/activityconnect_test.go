package activityconnect_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	activityconnect "github.com/otelactivity/activitylog/instrument/connect"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// message is every message of the blog. It has the methods that protoc-gen-go generates.
type message struct {
	ID    string
	Title string
	Name  string
	Pass  string
	Token string
}

func (m *message) GetId() string { return m.ID } //nolint:revive // the name that is generated

// jsonCodec spares the test generated code.
type jsonCodec struct{}

func (jsonCodec) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (jsonCodec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
func (jsonCodec) Name() string                       { return "json" }

const service = "/blog.v1.BlogService/"

// methods are the calls of the story.
var methods = map[adaptertest.Do]string{
	adaptertest.Login: "Login", adaptertest.Logout: "Logout", adaptertest.List: "ListArticles", adaptertest.Create: "CreateArticle",
	adaptertest.Get: "GetArticle", adaptertest.Rename: "UpdateArticle", adaptertest.Publish: "PublishArticle",
	adaptertest.Comment: "CreateComment", adaptertest.Delete: "DeleteArticle", adaptertest.Boom: "GetBoom",
}

// handle serves one call of the blog.
func handle(ctx context.Context, blog *adaptertest.Blog, do adaptertest.Do, header http.Header, in *message) (*message, error) {
	current := instrument.FromContext(ctx)
	out := &message{}
	var err error
	switch do {
	case adaptertest.Login:
		out.Token, err = blog.Login(ctx, in.Name, in.Pass)
	case adaptertest.Logout:
		blog.Logout(ctx, token(header))
	case adaptertest.List:
		out.Title = strings.Join(blog.Titles(), ",")
	case adaptertest.Create:
		var a adaptertest.Article
		if a, err = blog.Create(ctx, in.Title); err == nil {
			current.SetObject(activity.Object{ID: a.ID})
		}
	case adaptertest.Get:
		_, err = blog.Get(in.ID)
	case adaptertest.Rename:
		err = blog.Rename(ctx, in.ID, in.Title)
	case adaptertest.Publish:
		current.SetObject(activity.Object{Type: "article", ID: in.ID})
		err = blog.Publish(ctx, in.ID)
	case adaptertest.Comment:
		var id string
		id, err = blog.Comment(in.ID)
		current.SetObject(activity.Object{Type: "comment", ID: id, Parent: &activity.Object{Type: "article", ID: in.ID}})
	case adaptertest.Delete:
		err = blog.Delete(ctx, in.ID)
	case adaptertest.Boom:
		panic("boom")
	case adaptertest.CheckHealth:
	}
	if err != nil {
		return nil, connect.NewError(codeOf[adaptertest.Code(err)], err)
	}
	return out, nil
}

var codeOf = map[int]connect.Code{
	401: connect.CodeUnauthenticated, 403: connect.CodePermissionDenied, 404: connect.CodeNotFound, 400: connect.CodeInvalidArgument,
}

func token(header http.Header) string {
	return strings.TrimPrefix(header.Get("Authorization"), "Bearer ")
}

// authenticate is the authentication of the blog. Login and health checks are open.
func authenticate(blog *adaptertest.Blog) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			user, err := blog.User(token(req.Header()))
			if open := strings.HasSuffix(req.Spec().Procedure, "/Login") || strings.HasPrefix(req.Spec().Procedure, "/grpc.health"); err != nil && !open {
				return nil, connect.NewError(connect.CodeUnauthenticated, err)
			}
			return next(activity.ContextWithActor(ctx, user), req)
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
		connect.WithCodec(jsonCodec{}), connect.WithInterceptors(append([]connect.Interceptor{connect.UnaryInterceptorFunc(recovers)}, interceptors...)...),
	}
	mux := http.NewServeMux()
	for do, name := range methods {
		mux.Handle(service+name, connect.NewUnaryHandler(service+name, func(ctx context.Context, req *connect.Request[message]) (*connect.Response[message], error) {
			out, err := handle(ctx, blog, do, req.Header(), req.Msg)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(out), nil
		}, opts...))
	}
	const check = "/grpc.health.v1.Health/Check"
	mux.Handle(check, connect.NewUnaryHandler(check, func(context.Context, *connect.Request[message]) (*connect.Response[message], error) {
		return connect.NewResponse(&message{}), nil
	}, opts...))
	return mux
}

func play(t *testing.T, url string, opts ...connect.ClientOption) {
	t.Helper()
	adaptertest.PlayCalls(t, func(step *adaptertest.Step, token string) (int, string) {
		name := service + methods[step.Do]
		if step.Do == adaptertest.CheckHealth {
			name = "/grpc.health.v1.Health/Check"
		}
		client := connect.NewClient[message, message](http.DefaultClient, url+name, append(opts, connect.WithCodec(jsonCodec{}))...)
		req := connect.NewRequest(&message{ID: step.Article, Title: step.Title, Name: step.Name, Pass: step.Password})
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
			}, connect.WithCodec(jsonCodec{}), connect.WithInterceptors(activityconnect.NewInterceptor(rec.Options()...), activityconnect.Capture())))
			srv := httptest.NewServer(mux)
			defer srv.Close()
			client := connect.NewClient[message, message](http.DefaultClient, srv.URL+export, connect.WithCodec(jsonCodec{}))
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
	client := connect.NewClient[message, message](http.DefaultClient, srv.URL+service+"ListArticles", connect.WithCodec(jsonCodec{}),
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
	}, connect.WithCodec(jsonCodec{}), connect.WithInterceptors(activityconnect.NewInterceptor(
		append(rec.Options(), instrument.WithAnonymous(), instrument.WithStrict(activity.ActionRead))...))))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	client := connect.NewClient[message, message](http.DefaultClient, srv.URL+export, connect.WithCodec(jsonCodec{}))
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
