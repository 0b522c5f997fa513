package frameworks_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// health answers each check with one error.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	err error
}

// Check implements the service.
func (h health) Check(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return &grpc_health_v1.HealthCheckResponse{}, h.err
}

// secure starts a server with HTTP/2.
func secure(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// gRPC answers with 200 whatever happened. Its status decides.
func TestGRPC(t *testing.T) {
	for code, want := range map[codes.Code][2]string{
		codes.OK: {"Success", ""}, codes.PermissionDenied: {"Failed", "PERMISSION_DENIED"}, codes.NotFound: {"Failed", "NOT_FOUND"},
	} {
		t.Run(code.String(), func(t *testing.T) {
			rec, opts := newRecorder(instrument.WithActor(asAlice))
			s := grpc.NewServer()
			grpc_health_v1.RegisterHealthServer(s, health{err: status.Error(code, "no")})
			server := secure(t, instrument.NewHandler(s, "rpc", opts...))
			conn, err := grpc.NewClient(strings.TrimPrefix(server.URL, "https://"),
				grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
			if status.Code(err) != code {
				t.Fatalf("the client got %v, want %v", err, code)
			}
			checkOutcome(t, rec, want)
		})
	}
}

func checkOutcome(t *testing.T, rec *recorder, want [2]string) {
	t.Helper()
	records := rec.wait(1)
	if len(records) != 1 {
		t.Fatalf("%d records, want 1", len(records))
	}
	if got := [2]string{records[0][activity.StatusKey], records[0][activity.ErrorTypeKey]}; got != want {
		t.Errorf("the activity is %q, want %q", got, want)
	}
}

const createArticle = "/blog.v1.ArticleService/CreateArticle"

// Connect speaks three protocols. A stream is answered with 200 in all of them, and a
// single call in two.
func TestConnect(t *testing.T) {
	refused := connect.NewError(connect.CodePermissionDenied, errors.New("no"))
	for protocol, opt := range map[string]connect.ClientOption{
		"Connect": connect.WithProtoJSON(), "gRPC": connect.WithGRPC(), "gRPC-Web": connect.WithGRPCWeb(),
	} {
		for _, stream := range []bool{false, true} {
			for name, tt := range map[string]struct {
				err  error
				want [2]string
			}{
				"success": {nil, [2]string{"Success", ""}},
				"refused": {refused, [2]string{"Failed", "PERMISSION_DENIED"}},
			} {
				t.Run(protocol+" "+name+map[bool]string{true: " in a stream"}[stream], func(t *testing.T) {
					rec, opts := newRecorder(instrument.WithActor(asAlice))
					mux := http.NewServeMux()
					mux.Handle(createArticle, handlerOf(stream, tt.err))
					server := secure(t, instrument.NewHandler(mux, "rpc", opts...))
					call(t, server, opt, stream, tt.err != nil)
					want := tt.want
					if protocol == "Connect" && !stream && tt.err != nil {
						want[1] = "403" // the answer to a single call is one of HTTP
					}
					checkOutcome(t, rec, want)
				})
			}
		}
	}
}

func handlerOf(stream bool, fail error) http.Handler {
	if !stream {
		return connect.NewUnaryHandler(createArticle, func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
			return connect.NewResponse(&emptypb.Empty{}), fail
		})
	}
	return connect.NewServerStreamHandler(createArticle, func(_ context.Context, _ *connect.Request[emptypb.Empty], s *connect.ServerStream[emptypb.Empty]) error {
		for range 3 {
			if err := s.Send(&emptypb.Empty{}); err != nil {
				return err
			}
		}
		return fail
	})
}

func call(t *testing.T, server *httptest.Server, opt connect.ClientOption, stream, fails bool) {
	t.Helper()
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](server.Client(), server.URL+createArticle, opt)
	if !stream {
		_, err := client.CallUnary(t.Context(), connect.NewRequest(&emptypb.Empty{}))
		if (err != nil) != fails {
			t.Fatalf("the client got %v", err)
		}
		return
	}
	s, err := client.CallServerStream(t.Context(), connect.NewRequest(&emptypb.Empty{}))
	if err != nil {
		t.Fatal(err)
	}
	for s.Receive() {
		continue
	}
	if (s.Err() != nil) != fails {
		t.Fatalf("the client got %v", s.Err())
	}
	_ = s.Close()
}
