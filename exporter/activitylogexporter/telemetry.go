package activitylogexporter

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// telemetry is the exporter's own telemetry: the metrics of metadata.yaml, and log
// lines about rows that need attention.
type telemetry struct {
	*metadata.TelemetryBuilder
	logger   *zap.Logger
	exporter attribute.KeyValue // the component ID, as exporterhelper writes it
}

func newTelemetry(id component.ID, set component.TelemetrySettings) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	return &telemetry{TelemetryBuilder: builder, logger: set.Logger, exporter: attribute.String("exporter", id.String())}, nil
}

// Wrote implements [store.Observer].
func (t *telemetry) Wrote(ctx context.Context, written, duplicate int, took time.Duration) {
	t.ExporterActivitylogRowsWritten.Add(ctx, int64(written))
	t.ExporterActivitylogRowsDuplicate.Add(ctx, int64(duplicate))
	t.ExporterActivitylogWriteDuration.Record(ctx, took.Seconds())
}

// Accepted implements [store.Observer].
func (t *telemetry) Accepted(ctx context.Context, rows int, took time.Duration) {
	t.ExporterActivitylogRowsAccepted.Add(ctx, int64(rows))
	t.ExporterActivitylogWriteDuration.Record(ctx, took.Seconds())
}

// DeadLettered implements [store.Observer]. It logs one line for each error code,
// because thousands of rows of a sender may be rejected.
func (t *telemetry) DeadLettered(ctx context.Context, rejected []store.Rejection) {
	counts := map[string]int64{}
	for _, r := range rejected {
		counts[r.Code]++
	}
	for _, r := range rejected {
		n, first := counts[r.Code]
		if !first {
			continue
		}
		delete(counts, r.Code)
		t.ExporterActivitylogRowsDeadLettered.Add(ctx, n, metric.WithAttributes(attribute.String("reason", r.Code)))
		t.logger.Error("The database rejected rows; they are in the dead letter table.", zap.Int64("rows", n),
			zap.String("reason", r.Code), zap.Stringer("first_event_id", r.Row.ID), zap.Error(r.Err))
	}
}

// Conflicting implements [store.Observer].
func (t *telemetry) Conflicting(ctx context.Context, rows []*row.Row) {
	t.ExporterActivitylogRowsConflicting.Add(ctx, int64(len(rows)))
	t.logger.Warn("Rows have ids that exist with other content. They are in the dead letter table; the rows that were written first are unchanged.",
		zap.Int("rows", len(rows)), zap.Stringer("first_event_id", rows[0].ID))
}

// Did implements [store.Observer].
func (t *telemetry) Did(_ context.Context, message string) { t.logger.Info(message) }

// Noted implements [store.Observer].
func (t *telemetry) Noted(_ context.Context, message string, err error) {
	t.logger.Warn(message, zap.Error(err))
}

// doubted counts rows whose time was replaced because it is not plausible.
func (t *telemetry) doubted(ctx context.Context, rows int) {
	if rows > 0 {
		t.ExporterActivitylogTimesDoubted.Add(ctx, int64(rows))
	}
}

// unnamed counts rows that arrived without an action type.
func (t *telemetry) unnamed(ctx context.Context, rows int) {
	if rows > 0 {
		t.ExporterActivitylogRowsUnnamed.Add(ctx, int64(rows))
	}
}

// Unsupported implements [store.Observer].
func (t *telemetry) Unsupported(_ context.Context, reason error) {
	t.logger.Warn("The database does not support bulk loads. Rows are inserted by statements, which is slower. Set bulk: insert to do so from the start.",
		zap.Error(reason))
}

// Expired implements [store.Observer].
func (t *telemetry) Expired(ctx context.Context, rows int) {
	t.ExporterActivitylogRowsExpired.Add(ctx, int64(rows))
}

// Dropped implements [store.Observer].
func (t *telemetry) Dropped(_ context.Context, partition string) {
	t.logger.Info("A partition older than the retention was dropped with its rows.", zap.String("partition", partition))
}
