package activityprocessor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadatatest"
)

// A processor in two pipelines counts each request once, for as long as one of its
// instances is in use.
func TestInstancesCountTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		telemetry := componenttest.NewTelemetry()
		t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
		set := processortest.NewNopSettings(metadata.Type)
		set.TelemetrySettings = telemetry.NewTelemetrySettings()
		cfg := defaults()
		first, err := NewFactory().CreateTraces(t.Context(), set, cfg, consumertest.NewNop())
		require.NoError(t, err)
		second, err := NewFactory().CreateTraces(t.Context(), set, cfg, consumertest.NewNop())
		require.NoError(t, err)
		require.NoError(t, first.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, second.Start(t.Context(), componenttest.NewNopHost()))

		declaredSpan := written()
		declaredSpan["activity.action.type"] = "Publish"
		require.NoError(t, first.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, declaredSpan)))
		require.NoError(t, second.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{2}, written())))
		time.Sleep(3 * time.Minute)
		expect := func(covered, uncovered int64) {
			t.Helper()
			metadatatest.AssertEqualProcessorActivityRequestsCovered(t, telemetry,
				[]metricdata.DataPoint[int64]{{Value: covered}}, metricdatatest.IgnoreTimestamp())
			metadatatest.AssertEqualProcessorActivityRequestsUncovered(t, telemetry,
				[]metricdata.DataPoint[int64]{{Value: uncovered}}, metricdatatest.IgnoreTimestamp())
		}
		expect(1, 1)
		require.NoError(t, first.Shutdown(t.Context()))
		expect(1, 1)
		require.NoError(t, second.Shutdown(t.Context()))
		_, err = telemetry.GetMetric("otelcol_processor_activity_requests_covered")
		assert.Error(t, err, "the metrics end with the last instance")
	})
}

// Each known action type is counted under its own name, and one count is for all others.
func TestEachActionTypeIsCounted(t *testing.T) {
	require.Len(t, knownActions, actionKinds-1)
	for i, known := range knownActions {
		var counts tally
		counts.add(string(known), "Success", "derived", 1)
		assert.Equal(t, int64(1), counts.activities[i][0][1], known)
	}
	var counts tally
	counts.add("Publish", "Success", "derived", 1)
	assert.Equal(t, int64(1), counts.activities[actionKinds-1][0][1])
}
