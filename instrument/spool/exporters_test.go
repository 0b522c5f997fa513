package spool

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	otellog "go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	collogpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func exportOne(t *testing.T, e sdklog.Exporter, body string) error {
	t.Helper()
	var r otellog.Record
	r.SetBody(attribute.StringValue(body))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return e.Export(ctx, []sdklog.Record{made(ctx, r)})
}

// TestExporterErrors holds what judge reads out of texts against the exporters
// that write them.
func TestExporterErrors(t *testing.T) {
	for code, want := range map[int]verdict{
		200: accepted, 400: rejected, 401: unreachable, 403: unclear, 404: unreachable, 408: unreachable, 413: rejected, 422: rejected,
		429: unreachable, 500: unclear, 501: unclear, 502: unreachable, 503: unreachable, 504: unreachable,
	} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(code)
			}))
			defer srv.Close()
			err := exportOne(t, httpExporter(t, srv.URL), "x")
			if got, _ := judge(err); got != want {
				t.Errorf("%v is %d, want %d", err, got, want)
			}
		})
	}
}

func httpExporter(t *testing.T, url string, opts ...otlploghttp.Option) sdklog.Exporter {
	t.Helper()
	all := append([]otlploghttp.Option{otlploghttp.WithEndpointURL(url + "/v1/logs"),
		otlploghttp.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}),
		otlploghttp.WithRetry(otlploghttp.RetryConfig{Enabled: false})}, opts...)
	e, err := otlploghttp.New(t.Context(), all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Shutdown(context.Background()) })
	return e
}

func TestExporterErrorsOfTheNetwork(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	hangsUp := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer hangsUp.Close()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	ok := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer ok.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler()) // whose certificate nobody knows
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer secure.Close()
	for name, c := range map[string]struct {
		err  error
		want verdict
	}{
		"refused":   {exportOne(t, httpExporter(t, closed.URL), "x"), unreachable},
		"hangs up":  {exportOne(t, httpExporter(t, hangsUp.URL), "x"), unreachable},
		"silent":    {exportOne(t, httpExporter(t, silent.URL), "x"), unreachable},
		"TLS":       {exportOne(t, httpExporter(t, secure.URL), "x"), unreachable},
		"no host":   {exportOne(t, httpExporter(t, "http://nowhere.invalid"), "x"), unreachable},
		"not UTF-8": {exportOne(t, httpExporter(t, ok.URL), "\xff"), rejected},
		"too large": {exportOne(t, httpExporter(t, ok.URL, otlploghttp.WithMaxRequestSize(100)), strings.Repeat("x", 200)), rejected},
		"gRPC away": {exportOne(t, grpcExporter(t, strings.TrimPrefix(closed.URL, "http://")), "x"), unreachable},
	} {
		if got, _ := judge(c.err); got != c.want {
			t.Errorf("%s: %v is %d, want %d", name, c.err, got, c.want)
		}
	}
}

// What a server says about somebody else's refusal is not a refusal.
func TestTextOfServersDoesNotDecide(t *testing.T) {
	const text = "rpc error: code = InvalidArgument desc = failed to send logs to http://x: 400 bad (body: string field contains invalid UTF-8)"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, text)
	}))
	defer srv.Close()
	addr := serveGRPC(t, answering{answer: status.Error(codes.Unavailable, text)})
	retrying := otlploghttp.WithRetry(otlploghttp.RetryConfig{Enabled: true, InitialInterval: time.Millisecond,
		MaxInterval: time.Millisecond, MaxElapsedTime: 20 * time.Millisecond})
	for name, e := range map[string]sdklog.Exporter{
		"HTTP": httpExporter(t, srv.URL), "HTTP with retries": httpExporter(t, srv.URL, retrying), "gRPC": grpcExporter(t, addr),
	} {
		err := exportOne(t, e, "x")
		if got, _ := judge(err); got != unreachable {
			t.Errorf("%s: %v is %d, want %d", name, err, got, unreachable)
		}
	}
}

func TestPartialSuccess(t *testing.T) {
	answer, err := proto.Marshal(&collogpb.ExportLogsServiceResponse{
		PartialSuccess: &collogpb.ExportLogsPartialSuccess{RejectedLogRecords: 2, ErrorMessage: "two (2) are bad"}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(answer)
	}))
	defer srv.Close()
	got := exportOne(t, httpExporter(t, srv.URL), "x")
	if v, n := judge(got); v != accepted || got != nil && n != 2 {
		t.Errorf("%v is %d with %d rejected", got, v, n)
	}
	t.Logf("the exporter returned: %v", got)
}

// answering is a gRPC collector that gives one answer.
type answering struct {
	collogpb.UnimplementedLogsServiceServer
	answer error
}

func (a answering) Export(context.Context, *collogpb.ExportLogsServiceRequest) (*collogpb.ExportLogsServiceResponse, error) {
	return &collogpb.ExportLogsServiceResponse{}, a.answer
}

func grpcExporter(t *testing.T, addr string) sdklog.Exporter {
	t.Helper()
	e, err := otlploggrpc.New(t.Context(), otlploggrpc.WithInsecure(), otlploggrpc.WithEndpoint(addr),
		otlploggrpc.WithRetry(otlploggrpc.RetryConfig{Enabled: false}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Shutdown(context.Background()) })
	return e
}

func TestExporterErrorsOfGRPC(t *testing.T) {
	for code, want := range map[codes.Code]verdict{
		codes.OK: accepted, codes.InvalidArgument: rejected, codes.Unavailable: unreachable, codes.ResourceExhausted: unreachable,
		codes.DeadlineExceeded: unreachable, codes.Unauthenticated: unreachable, codes.PermissionDenied: unclear,
		codes.Unimplemented: unreachable, codes.Internal: unclear, codes.Unknown: unclear,
	} {
		t.Run(code.String(), func(t *testing.T) {
			addr := serveGRPC(t, answering{answer: status.Error(code, "so it is")})
			err := exportOne(t, grpcExporter(t, addr), "x")
			if got, _ := judge(err); got != want {
				t.Errorf("%v is %d, want %d", err, got, want)
			}
		})
	}
	addr := serveGRPC(t, answering{}, grpc.MaxRecvMsgSize(1000))
	for name, body := range map[string]string{"not UTF-8": "\xff", "too large": strings.Repeat("x", 2000)} {
		err := exportOne(t, grpcExporter(t, addr), body)
		if got, _ := judge(err); got != rejected {
			t.Errorf("%s: %v is %d, want rejected", name, err, got)
		}
	}
}

func serveGRPC(t *testing.T, service collogpb.LogsServiceServer, opts ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer(opts...)
	collogpb.RegisterLogsServiceServer(srv, service)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(srv.Stop)
	return listener.Addr().String()
}
