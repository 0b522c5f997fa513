package activitylogexporter

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// NewFactory returns the factory of the exporter, component type activitylog.
func NewFactory() exporter.Factory {
	all := &databases{}
	return exporter.NewFactory(
		metadata.Type,
		createDefaultConfig,
		exporter.WithTraces(all.createTraces, metadata.TracesStability),
		exporter.WithLogs(all.createLogs, metadata.LogsStability),
	)
}

func createDefaultConfig() component.Config {
	return &Config{
		Table:        defaultTable,
		CreateSchema: true,
		Partition:    Partition(dialect.PartitionNone),
		MaxOpenConns: 10,
		MaxIdleConns: 10,
		// After a failover or a change of settings no connection stays as it was for long.
		ConnMaxLifetime: confcheck.Duration(30 * time.Minute),
		Bulk:            bulkLoad,
		OnRefused:       refusedDeadLetter,
		Timeout:         confcheck.Duration(30 * time.Second),
		Queue:           defaultQueue(),
		ShutdownTimeout: confcheck.Duration(20 * time.Second),
	}
}

func (d *databases) createTraces(_ context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	used, err := d.get(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return &tracesExporter{use: used}, nil
}

func (d *databases) createLogs(_ context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	used, err := d.get(set, cfg.(*Config))
	if err != nil {
		return nil, err
	}
	return &logsExporter{use: used}, nil
}
