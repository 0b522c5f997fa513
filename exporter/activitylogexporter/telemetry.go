package activitylogexporter

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// telemetry is what the exporter says of itself: the metrics of metadata.yaml,
// and a line for each row that was refused.
type telemetry struct {
	logger    *zap.Logger
	written   metric.Int64Counter
	accepted  metric.Int64Counter
	duplicate metric.Int64Counter
	dead      metric.Int64Counter
	expired   metric.Int64Counter
	duration  metric.Float64Histogram
}

func newTelemetry(set component.TelemetrySettings) (*telemetry, error) {
	meter := set.MeterProvider.Meter(metadata.ScopeName)
	t := &telemetry{logger: set.Logger}
	var errs [6]error
	t.written, errs[0] = meter.Int64Counter("otelcol_activitylog_rows_written",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that are new in the table."))
	t.duplicate, errs[1] = meter.Int64Counter("otelcol_activitylog_rows_duplicate",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that were in the table already and stayed as they were."))
	t.dead, errs[2] = meter.Int64Counter("otelcol_activitylog_rows_dead_lettered",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that the database refused, by its error code."))
	t.expired, errs[3] = meter.Int64Counter("otelcol_activitylog_rows_expired",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that were deleted one by one since they are older than the retention."))
	t.duration, errs[4] = meter.Float64Histogram("otelcol_activitylog_write_duration",
		metric.WithUnit("s"), metric.WithDescription("Time from the begin to the commit of a transaction."),
		metric.WithExplicitBucketBoundaries(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
	t.accepted, errs[5] = meter.Int64Counter("otelcol_activitylog_rows_accepted",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that a database took that does not say which of them are new (ClickHouse)."))
	return t, errors.Join(errs[:]...)
}

// Wrote implements [store.Observer].
func (t *telemetry) Wrote(ctx context.Context, written, duplicate int, took time.Duration) {
	t.written.Add(ctx, int64(written))
	t.duplicate.Add(ctx, int64(duplicate))
	t.duration.Record(ctx, took.Seconds())
}

// Accepted implements [store.Observer].
func (t *telemetry) Accepted(ctx context.Context, rows int, took time.Duration) {
	t.accepted.Add(ctx, int64(rows))
	t.duration.Record(ctx, took.Seconds())
}

// Buried implements [store.Observer].
func (t *telemetry) Buried(ctx context.Context, r *row.Row, code string, reason error) {
	t.dead.Add(ctx, 1, metric.WithAttributes(attribute.String("reason", code)))
	t.logger.Error("The database refused a row; it is in the dead letter table.",
		zap.Stringer("event_id", r.ID), zap.Error(reason))
}

// Unsupported implements [store.Observer].
func (t *telemetry) Unsupported(_ context.Context, reason error) {
	t.logger.Warn("The database takes no bulk loads; rows are inserted by statements, which is slower. bulk: insert does so from the start.",
		zap.Error(reason))
}

// Expired implements [store.Observer].
func (t *telemetry) Expired(ctx context.Context, rows int) { t.expired.Add(ctx, int64(rows)) }

// Dropped implements [store.Observer].
func (t *telemetry) Dropped(_ context.Context, partition string) {
	t.logger.Info("A partition is older than the retention; it was dropped with its rows.", zap.String("partition", partition))
}
