package activityconnect_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/otelactivity/activitylog/activity"
	activityconnect "github.com/otelactivity/activitylog/instrument/connect"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// An interceptor is the authentication. Capture is behind it, because it passes on a new
// context.
func ExampleNewInterceptor() {
	defer adaptertest.Print()()
	authenticate := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			user := activity.Actor{ID: "1", Name: "alice"} // from the header
			return next(activity.ContextWithActor(ctx, user), req)
		}
	})

	opts := connect.WithInterceptors(
		activityconnect.NewInterceptor(), authenticate, activityconnect.Capture())

	// Generated code calls NewUnaryHandler for each procedure.
	const procedure = "/blog.v1.BlogService/DeleteArticle"
	mux := http.NewServeMux()
	mux.Handle(procedure, connect.NewUnaryHandler(procedure, func(context.Context, *connect.Request[message]) (*connect.Response[message], error) {
		return connect.NewResponse(&message{}), nil
	}, opts, connect.WithCodec(adaptertest.JSONCodec{})))
	server := httptest.NewServer(otelhttp.NewHandler(mux, "shop"))
	defer server.Close()
	client := connect.NewClient[message, message](server.Client(), server.URL+procedure, connect.WithCodec(adaptertest.JSONCodec{}))
	if _, err := client.CallUnary(context.Background(), connect.NewRequest(&message{ID: "17"})); err != nil {
		fmt.Println(err)
	}
	// Output:
	// blog.v1.BlogService/DeleteArticle | alice deleted article 17
}
