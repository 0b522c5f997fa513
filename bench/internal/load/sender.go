package load

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// The methods are what plogotlp's and ptraceotlp's own clients call. Those take
// records and encode them; ours are encoded.
const (
	logsMethod   = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
	tracesMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
)

// encoded is a codec of messages that are bytes already.
type encoded struct{}

func (encoded) Name() string { return "proto" }

func (encoded) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (encoded) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// Sender is a connection to an OTLP/gRPC receiver. It sends one request at a
// time.
type Sender struct {
	conn    *grpc.ClientConn
	timeout time.Duration
}

// Dial returns a sender to an address, "host:port". Each request has the timeout
// for its answer; 10 s is what SDKs give it.
func Dial(address string, timeout time.Duration) (*Sender, error) {
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(encoded{})))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return &Sender{conn: conn, timeout: timeout}, nil
}

// Close closes the connection.
func (s *Sender) Close() error { return s.conn.Close() }

// Send sends a request; nil is an acknowledgement of all that is in it.
func (s *Sender) Send(ctx context.Context, request Request) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var answer []byte
	if err := s.conn.Invoke(ctx, request.method, &request.body, &answer); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	response := plogotlp.NewExportResponse() // that of traces looks the same
	if err := response.UnmarshalProto(answer); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if partial := response.PartialSuccess(); partial.RejectedLogRecords() > 0 {
		return fmt.Errorf("send: %d records were rejected: %s", partial.RejectedLogRecords(), partial.ErrorMessage())
	}
	return nil
}

// SendAll sends requests by so many senders, and returns when each has its
// answer, or with the first error.
func SendAll(ctx context.Context, address string, senders int, requests []Request) error {
	next := make(chan Request)
	group, ctx := errgroup.WithContext(ctx)
	for range senders {
		group.Go(func() error {
			sender, err := Dial(address, 30*time.Second)
			if err != nil {
				return err
			}
			defer sender.Close()
			for request := range next {
				if err := sender.Send(ctx, request); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(next)
		for _, request := range requests {
			select {
			case next <- request:
			case <-ctx.Done():
				return nil // a sender has the error
			}
		}
		return nil
	})
	return group.Wait()
}
