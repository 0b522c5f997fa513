package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadatatest"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// TestThrottle: both pipelines count together, a refused request reaches nothing after the
// processor, and it is counted.
func TestThrottle(t *testing.T) {
	b := newBoth(t, func(cfg *Config) { cfg.Throttle.RecordsPerSecond, cfg.Throttle.Burst = 1, 2 })
	span := written()
	span["activity.action.type"] = "Publish"
	first := spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, span)
	service := record.ServiceOf(first.ResourceSpans().At(0).Resource())
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), first))
	ld, _ := newRecord(t, attrs{"activity.action.type": "Publish"})
	ld.ResourceLogs().At(0).Resource().Attributes().PutStr("service.name", service)
	require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))

	err := b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{2}, pcommon.SpanID{2}, span))
	require.Equal(t, codes.ResourceExhausted, grpcstatus.Code(err), "%v", err)
	require.Equal(t, 1, b.spans.SpanCount())
	require.Equal(t, 1, b.records.LogRecordCount())
	metadatatest.AssertEqualProcessorActivityRequestsThrottled(t, b.telemetry,
		[]metricdata.DataPoint[int64]{{Value: 1}}, metricdatatest.IgnoreTimestamp())
}
