package queue

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelactivity/activitylog/internal/seglog"
)

// retryAfter is the delay after which senders are asked to retry.
const retryAfter = time.Second

func reason(err error) string {
	switch {
	case errors.Is(err, seglog.ErrTooLarge):
		return ReasonTooLarge
	case errors.Is(err, seglog.ErrClosed):
		return ReasonStopped
	case errors.Is(err, seglog.ErrFull):
		return ReasonFull
	}
	return ReasonDisk
}

// rejection is the error for the sender of a request that is not on disk. The OTLP
// receiver answers HTTP 503 or gRPC UNAVAILABLE; for a request that is too large,
// 400 or INVALID_ARGUMENT.
func (q *Queue) rejection(err error, bytes int) error {
	switch reason(err) {
	case ReasonTooLarge:
		text := fmt.Sprintf("the request has %d bytes on disk, and queue::max_bytes is %d", bytes, q.cfg.MaxBytes)
		return consumererror.NewPermanent(status.Error(codes.InvalidArgument, text))
	case ReasonFull:
		return unavailable(fmt.Errorf("the queue in %s is full (queue::max_bytes: %d); send the request again later", q.cfg.Dir, q.cfg.MaxBytes))
	case ReasonStopped:
		return unavailable(errors.New("the collector is shutting down; send the request again later"))
	}
	return unavailable(fmt.Errorf("write to the queue in %s: %w", q.cfg.Dir, err))
}

// unavailable is an error that makes senders retry after retryAfter.
func unavailable(err error) error {
	s, detailErr := status.New(codes.Unavailable, err.Error()).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
	if detailErr != nil {
		return err // the receiver treats an error without a status as retryable, too
	}
	return s.Err()
}
