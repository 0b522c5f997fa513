package activityconnector

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/connectortest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/connector/activityconnector/internal/metadata"
)

func TestFactory(t *testing.T) {
	factory := NewFactory()
	assert.Equal(t, component.MustNewType("activity"), factory.Type())
	require.NoError(t, componenttest.CheckConfigStruct(factory.CreateDefaultConfig()))
	assert.Equal(t, metadata.TracesToLogsStability, factory.TracesToLogsStability())
	_, err := factory.CreateLogsToLogs(t.Context(), settings(), factory.CreateDefaultConfig(), consumertest.NewNop())
	assert.ErrorContains(t, err, "cannot connect from logs to logs")
}

func settings() connector.Settings { return connectortest.NewNopSettings(metadata.Type) }

// create makes the component as the Collector does, with next behind it.
func create(t testing.TB, cfg *Config, next consumer.Logs) connector.Traces {
	t.Helper()
	c, err := NewFactory().CreateTracesToLogs(t.Context(), settings(), cfg, next)
	require.NoError(t, err)
	return c
}

func defaults() *Config { return createDefaultConfig().(*Config) }

func TestLifecycle(t *testing.T) {
	c := create(t, defaults(), consumertest.NewNop())
	require.NoError(t, c.Shutdown(context.Background()), "shutdown without start")

	c = create(t, defaults(), consumertest.NewNop())
	require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
	assert.False(t, c.Capabilities().MutatesData)
	require.NoError(t, c.ConsumeTraces(t.Context(), ptrace.NewTraces()))
	require.NoError(t, c.Shutdown(context.Background()))
}

// What the logs pipeline refuses, the traces pipeline must not acknowledge.
func TestRefusedRecordsAreRefusedSpans(t *testing.T) {
	full := errors.New("the queue is full")
	c := create(t, defaults(), consumertest.NewErr(full))
	td, span := newSpan(t, derived())
	require.ErrorIs(t, c.ConsumeTraces(t.Context(), td), full)
	span.Attributes().Remove(activity.ActionTypeKey)
	assert.NoError(t, c.ConsumeTraces(t.Context(), td), "without activities the logs pipeline is not asked")
}
