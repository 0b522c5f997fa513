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
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
)

// telemetry is what the exporter says of itself: the metrics of metadata.yaml,
// and a line for each row that was refused.
type telemetry struct {
	logger    *zap.Logger
	written   metric.Int64Counter
	accepted  metric.Int64Counter
	duplicate metric.Int64Counter
	conflicts metric.Int64Counter
	unnamed   metric.Int64Counter
	dead      metric.Int64Counter
	expired   metric.Int64Counter
	duration  metric.Float64Histogram
	doubted   metric.Int64Counter
	queue     queueMetrics
}

func newTelemetry(id component.ID, set component.TelemetrySettings) (*telemetry, error) {
	meter := set.MeterProvider.Meter(metadata.ScopeName)
	t := &telemetry{logger: set.Logger}
	var errs [9]error
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
	t.conflicts, errs[6] = meter.Int64Counter("otelcol_activitylog_rows_conflicting",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows whose id was in the table already with other content; they are dead letters."))
	t.unnamed, errs[7] = meter.Int64Counter("otelcol_activitylog_rows_unnamed",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows that came with an empty action type and have Unknown."))
	t.doubted, errs[8] = meter.Int64Counter("otelcol_activitylog_times_doubted",
		metric.WithUnit("{rows}"), metric.WithDescription("Rows whose time is not the one that their telemetry claims, because that is before 1970 or more than a day ahead. The activity processor counts those that pass through it."))
	return t, errors.Join(errors.Join(errs[:]...), t.queue.create(id, meter))
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

// Buried implements [store.Observer]. It logs one line for each error code: a
// sender can have thousands of rows refused.
func (t *telemetry) Buried(ctx context.Context, refused []store.Refusal) {
	counts := map[string]int64{}
	for _, r := range refused {
		counts[r.Code]++
	}
	for _, r := range refused {
		n, first := counts[r.Code]
		if !first {
			continue
		}
		delete(counts, r.Code)
		t.dead.Add(ctx, n, metric.WithAttributes(attribute.String("reason", r.Code)))
		t.logger.Error("The database refused rows; they are in the dead letter table.", zap.Int64("rows", n),
			zap.String("reason", r.Code), zap.Stringer("first_event_id", r.Row.ID), zap.Error(r.Err))
	}
}

// Conflicting implements [store.Observer].
func (t *telemetry) Conflicting(ctx context.Context, rows []*row.Row) {
	t.conflicts.Add(ctx, int64(len(rows)))
	t.logger.Warn("Rows came with ids that the table has with other content. They are in the dead letter table; the rows that came first stay.",
		zap.Int("rows", len(rows)), zap.Stringer("first_event_id", rows[0].ID))
}

// Noted implements [store.Observer].
func (t *telemetry) Noted(_ context.Context, sentence string, err error) {
	t.logger.Warn(sentence, zap.Error(err))
}

// doubt counts rows whose claimed time is not believed.
func (t *telemetry) doubt(ctx context.Context, rows int) {
	if rows > 0 {
		t.doubted.Add(ctx, int64(rows))
	}
}

// namedUnknown counts rows that came without an action type.
func (t *telemetry) namedUnknown(ctx context.Context, rows int) {
	if rows > 0 {
		t.unnamed.Add(ctx, int64(rows))
	}
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
