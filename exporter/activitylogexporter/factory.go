package activitylogexporter

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
)

// NewFactory returns the factory of the exporter, component type activitylog.
func NewFactory() exporter.Factory {
	databases := &sharedDatabases{}
	return exporter.NewFactory(
		metadata.Type,
		createDefaultConfig,
		exporter.WithTraces(databases.createTraces, metadata.TracesStability),
		exporter.WithLogs(databases.createLogs, metadata.LogsStability),
	)
}

func createDefaultConfig() component.Config {
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.Sizer = exporterhelper.RequestSizerTypeItems
	queue.QueueSize = 50_000     // in memory about 150 MB; on disk it may be much larger
	queue.BlockOnOverflow = true // the sender waits; nothing is dropped
	queue.NumConsumers = 4
	queue.Batch = configoptional.Some(exporterhelper.BatchConfig{
		FlushTimeout: 200 * time.Millisecond,
		Sizer:        exporterhelper.RequestSizerTypeItems,
		MinSize:      5_000, // more is no faster, and four batches are in memory
		MaxSize:      10_000,
	})
	retry := configretry.NewDefaultBackOffConfig()
	retry.InitialInterval = time.Second
	retry.MaxInterval = 5 * time.Second // a database that is back is noticed soon
	retry.MaxElapsedTime = 0            // without end
	return &Config{
		Table:        defaultTable,
		CreateSchema: true,
		Partition:    string(dialect.PartitionNone),
		MaxOpenConns: 10,
		MaxIdleConns: 10,
		// After a failover or a change of settings no connection stays as it was for long.
		ConnMaxLifetime: 30 * time.Minute,
		Bulk:            bulkLoad,
		OnRefused:       refusedDeadLetter,
		Timeout:         30 * time.Second,
		RetryConfig:     retry,
		QueueConfig:     configoptional.Some(queue),
	}
}

func (s *sharedDatabases) createTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	c := cfg.(*Config)
	db, err := s.get(set, c)
	if err != nil {
		return nil, err
	}
	inner, err := exporterhelper.NewTraces(ctx, set, cfg, db.pushTraces, db.options(c)...)
	if err != nil {
		return nil, err
	}
	return &tracesExporter{Traces: inner, gate: newGate()}, nil
}

func (s *sharedDatabases) createLogs(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Logs, error) {
	c := cfg.(*Config)
	db, err := s.get(set, c)
	if err != nil {
		return nil, err
	}
	inner, err := exporterhelper.NewLogs(ctx, set, cfg, db.pushLogs, db.options(c)...)
	if err != nil {
		return nil, err
	}
	return &logsExporter{Logs: inner, gate: newGate()}, nil
}

func (d *database) options(c *Config) []exporterhelper.Option {
	return []exporterhelper.Option{
		exporterhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}),
		// The store has its own, for a transaction rather than a batch: the search
		// for a refused row takes many.
		exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}),
		exporterhelper.WithRetry(c.RetryConfig),
		exporterhelper.WithQueue(c.QueueConfig),
		exporterhelper.WithStart(d.start),
		exporterhelper.WithShutdown(d.shutdown),
	}
}
