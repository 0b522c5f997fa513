package activityprocessor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
)

func TestFactory(t *testing.T) {
	factory := NewFactory()
	assert.Equal(t, component.MustNewType("activity"), factory.Type())
	require.NoError(t, componenttest.CheckConfigStruct(factory.CreateDefaultConfig()))
	assert.Equal(t, metadata.TracesStability, factory.TracesStability())
	assert.Equal(t, metadata.LogsStability, factory.LogsStability())
	_, err := factory.CreateMetrics(t.Context(), processortest.NewNopSettings(metadata.Type), factory.CreateDefaultConfig(), nil)
	assert.ErrorContains(t, err, "not supported")
}

func TestLifecycle(t *testing.T) {
	factory := NewFactory()
	set := processortest.NewNopSettings(metadata.Type)
	for name, create := range map[string]func() (component.Component, error){
		"traces": func() (component.Component, error) {
			return factory.CreateTraces(t.Context(), set, factory.CreateDefaultConfig(), consumertest.NewNop())
		},
		"logs": func() (component.Component, error) {
			return factory.CreateLogs(t.Context(), set, factory.CreateDefaultConfig(), consumertest.NewNop())
		},
	} {
		t.Run(name+" shutdown without start", func(t *testing.T) {
			c, err := create()
			require.NoError(t, err)
			require.NoError(t, c.Shutdown(context.Background()))
		})
		t.Run(name, func(t *testing.T) {
			c, err := create()
			require.NoError(t, err)
			require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
			require.NoError(t, c.Shutdown(context.Background()))
		})
	}
}

// One span and one record of three are activities; requests without any do
// not reach the next component.
func TestPipelines(t *testing.T) {
	factory := NewFactory()
	set := processortest.NewNopSettings(metadata.Type)
	t.Run("traces", func(t *testing.T) {
		sink := new(consumertest.TracesSink)
		c, err := factory.CreateTraces(t.Context(), set, factory.CreateDefaultConfig(), sink)
		require.NoError(t, err)
		start(t, c)
		assert.True(t, c.Capabilities().MutatesData)

		td := ptrace.NewTraces()
		for _, key := range []string{"db.system", activity.ActionTypeKey, "rpc.system"} {
			span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			span.Attributes().PutStr(key, "x")
		}
		require.NoError(t, c.ConsumeTraces(t.Context(), td))
		require.NoError(t, c.ConsumeTraces(t.Context(), ptrace.NewTraces()))
		require.Len(t, sink.AllTraces(), 1)
		assert.Equal(t, 1, sink.AllTraces()[0].ResourceSpans().Len(), "empty resources are removed")
		assert.Equal(t, 1, sink.SpanCount())
	})
	t.Run("logs", func(t *testing.T) {
		sink := new(consumertest.LogsSink)
		c, err := factory.CreateLogs(t.Context(), set, factory.CreateDefaultConfig(), sink)
		require.NoError(t, err)
		start(t, c)

		ld := plog.NewLogs()
		for _, key := range []string{"a", activity.ActionTypeKey, "b"} {
			record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
			record.Attributes().PutStr(key, "x")
		}
		require.NoError(t, c.ConsumeLogs(t.Context(), ld))
		require.NoError(t, c.ConsumeLogs(t.Context(), plog.NewLogs()))
		require.Len(t, sink.AllLogs(), 1)
		assert.Equal(t, 1, sink.AllLogs()[0].ResourceLogs().Len())
		assert.Equal(t, 1, sink.LogRecordCount())
	})
}

func start(t *testing.T, c component.Component) {
	t.Helper()
	require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
}
