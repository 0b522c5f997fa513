package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// HTTP sends by OTLP/HTTP to an address, host:port. As the specification of OTLP says, a request
// is sent again after 429, 502, 503, 504, and when there is no answer.
func HTTP(address string) Send { return HTTPAs(http.DefaultClient, address, nil) }

// HTTPAs is [HTTP] by a client, with headers beside the content type.
func HTTPAs(client *http.Client, address string, header http.Header) Send {
	post := HTTPBody(client, address, header)
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		body, err := proto.Marshal(request)
		if err != nil {
			return Permanent(err)
		}
		return post(ctx, body)
	}
}

// HTTPBody is [HTTPAs] for an encoded request, for [Bulk.Post].
func HTTPBody(client *http.Client, address string, header http.Header) func(ctx context.Context, body []byte) error {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/x-protobuf")
	return func(ctx context.Context, body []byte) error {
		err := post(ctx, client, address, "logs", header, body)
		var answer *StatusError
		if errors.As(err, &answer) && !slices.Contains([]int{429, 502, 503, 504}, answer.Code) {
			return Permanent(err)
		}
		return err
	}
}

// retryable are the codes after which the specification of OTLP lets a sender send again.
var retryable = []codes.Code{
	codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss,
}

// GRPC sends by OTLP/gRPC on one connection to an address, host:port, as an SDK does.
func GRPC(t testing.TB, address string, options ...grpc.DialOption) Send {
	t.Helper()
	connection, err := grpc.NewClient(address, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	client := collectlogs.NewLogsServiceClient(connection)
	return func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // as SDKs do
		defer cancel()
		answer, err := client.Export(ctx, request)
		if rejected := answer.GetPartialSuccess().GetRejectedLogRecords(); rejected > 0 {
			return Permanent(fmt.Errorf("%d records were rejected: %s", rejected, answer.GetPartialSuccess().GetErrorMessage()))
		}
		if err != nil && !slices.Contains(retryable, status.Code(err)) {
			return Permanent(err)
		}
		return err
	}
}

// RetryAfter returns after which time the answer of an error asks to send again, by HTTP or by gRPC;
// 0 if it does not say.
func RetryAfter(err error) time.Duration {
	var answer *StatusError
	if errors.As(err, &answer) {
		return answer.RetryAfter
	}
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error after which the same request is not sent again.
func Permanent(err error) error { return permanent{err} }

// IsPermanent says whether an error is one of [Permanent].
func IsPermanent(err error) bool { return errors.As(err, new(permanent)) }
