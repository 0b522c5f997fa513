// The blog as plain otelhttp sees it: one net/http server with a mux, and its requests.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

var userKey = os.Getenv("USER_KEY")

func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user := r.Header.Get("X-User"); user != "" {
			trace.SpanFromContext(r.Context()).SetAttributes(attribute.String(userKey, user))
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	ctx := context.Background()
	exp, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exp))
	otel.SetTracerProvider(tp)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	switch os.Args[1] {
	case "http":
		serveHTTP(ctx)
	case "grpc":
		serveGRPC(ctx)
	}
	tp.Shutdown(ctx)
}

func answer(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(code); io.WriteString(w, "{}") }
}

func serveHTTP(ctx context.Context) {
	mux := http.NewServeMux()
	handle := func(pattern string, h http.HandlerFunc) {
		if os.Getenv("WRAP") == "each" {
			mux.Handle(pattern, otelhttp.NewHandler(authenticate(h), pattern))
			return
		}
		mux.Handle(pattern, h)
	}
	handle("GET /articles", answer(200))
	handle("PUT /articles/{id}", answer(200))
	handle("GET /articles/{id}", answer(404))
	handle("DELETE /articles/{id}", answer(403))
	handle("POST /api/v1/articles/{article}/comments", answer(500))
	handle("GET /files/{path...}", answer(200))
	handle("GET /reports/{id}", func(w http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), "GET", "http://"+r.Host+"/articles?page=2", nil)
		res, err := (&http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}).Do(req)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
	})
	handle("POST /panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	var h http.Handler = mux
	if os.Getenv("WRAP") != "each" {
		h = otelhttp.NewHandler(authenticate(h), "blog")
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	call := func(method, path, user, body string) {
		req, _ := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
		req.Header.Set("User-Agent", "story/1.0")
		if user != "" {
			req.Header.Set("X-User", user)
		}
		if path == "/articles/17?draft=1" {
			req.Header.Set("X-Forwarded-For", "203.0.113.9")
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(method, path, err)
			return
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		fmt.Println(method, path, res.StatusCode)
	}
	call("GET", "/articles", "", "")
	call("PUT", "/articles/17?draft=1", "alice", `{"title":"Tea"}`)
	call("GET", "/articles/99", "alice", "")
	call("DELETE", "/articles/17", "bob", "")
	call("DELETE", "/articles/17", "", "")
	call("POST", "/api/v1/articles/17/comments", "alice", "{}")
	call("GET", "/files/a/b.txt", "alice", "")
	call("GET", "/reports/3", "alice", "")
	call("POST", "/nowhere/17", "alice", "{}")
	call("POST", "/panic", "alice", "{}")
}

// article is every method of blog.v1.ArticleService: the title says how it ends.
func article(ctx context.Context, title string) error {
	md, _ := metadata.FromIncomingContext(ctx)
	if u := md.Get("x-user"); len(u) > 0 {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String(userKey, u[0]))
	}
	switch title {
	case "denied":
		return status.Error(codes.PermissionDenied, "not yours")
	case "missing":
		return status.Error(codes.NotFound, "no such article")
	case "broken":
		return status.Error(codes.Internal, "broken")
	}
	return nil
}

func method(name string) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := &wrapperspb.StringValue{}
		if err := decode(in); err != nil {
			return nil, err
		}
		return in, article(ctx, in.Value)
	}}
}

func serveGRPC(ctx context.Context) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler()))
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "blog.v1.ArticleService", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{method("GetArticle"), method("UpdateArticle"), method("DeleteArticle")},
	}, struct{}{})
	go s.Serve(l)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()), grpc.WithUserAgent("story/1.0"))
	if err != nil {
		log.Fatal(err)
	}
	for _, x := range [][3]string{
		{"GetArticle", "", ""}, {"UpdateArticle", "", "alice"}, {"DeleteArticle", "denied", "alice"},
		{"GetArticle", "missing", "alice"}, {"UpdateArticle", "broken", "alice"}, {"DeleteArticle", "denied", ""}, {"Nothing", "", ""},
	} {
		cctx := ctx
		if x[2] != "" {
			cctx = metadata.AppendToOutgoingContext(ctx, "x-user", x[2])
		}
		err := conn.Invoke(cctx, "/blog.v1.ArticleService/"+x[0], wrapperspb.String(x[1]), &wrapperspb.StringValue{})
		fmt.Println(x, err)
	}
	conn.Close()
	s.GracefulStop()
}
