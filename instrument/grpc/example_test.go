package activitygrpc_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"

	"github.com/otelactivity/activitylog/activity"
	activitygrpc "github.com/otelactivity/activitylog/instrument/grpc"
	"github.com/otelactivity/activitylog/instrument/internal/adaptertest"
)

// An interceptor is the authentication. CaptureUnary is behind it, because it passes on a new
// context.
func ExampleUnaryServerInterceptor() {
	encoding.RegisterCodec(adaptertest.JSONCodec{}) // the messages of this example are not generated
	defer adaptertest.Print()()
	authenticate := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		user := activity.Actor{ID: "1", Name: "alice"} // from the metadata
		return handler(activity.ContextWithActor(ctx, user), req)
	}

	server := grpc.NewServer(grpc.ChainUnaryInterceptor(
		activitygrpc.UnaryServerInterceptor(), authenticate, activitygrpc.CaptureUnary))

	server.RegisterService(descriptor(adaptertest.NewBlog()), nil)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = server.Serve(lis) }()
	defer server.Stop()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	in := &message{Title: "Up"}
	if err := conn.Invoke(context.Background(), "/blog.v1.BlogService/CreateArticle", in, &message{}, grpc.CallContentSubtype("json")); err != nil {
		fmt.Println(err)
	}
	// Output:
	// blog.v1.BlogService/CreateArticle | alice created article 1
}
