package activityconnector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"

	"github.com/otelactivity/activitylog/connector/activityconnector/internal/metadata"
)

// NewFactory returns the factory of the activity connector, from traces to
// logs.
func NewFactory() connector.Factory {
	return connector.NewFactory(
		metadata.Type,
		createDefaultConfig,
		connector.WithTracesToLogs(createTracesToLogs, metadata.TracesToLogsStability),
	)
}

func createTracesToLogs(
	_ context.Context, _ connector.Settings, cfg component.Config, next consumer.Logs,
) (connector.Traces, error) {
	if err := confmap.Validate(cfg); err != nil {
		return nil, err
	}
	return newActivityConnector(cfg.(*Config), next), nil
}
