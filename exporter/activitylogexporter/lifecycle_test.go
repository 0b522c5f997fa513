package activitylogexporter

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
)

// TestStartWithoutValidate starts exporters whose configuration nobody has
// checked, as a program does that embeds the factory.
func TestStartWithoutValidate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // part of the error; "" if the exporter starts
	}{
		"only a dsn":     {func(c *Config) { c.DSN = ":memory:" }, ""},
		"the defaults":   {func(*Config) {}, "dsn must not be empty"},
		"unknown driver": {func(c *Config) { c.Driver, c.DSN = "oracle", "x" }, `driver: must be one of "clickhouse"`},
		"unclear dsn":    {func(c *Config) { c.DSN = "localhost:1521" }, "driver must be set"},
		"table":          {func(c *Config) { c.DSN, c.Table = ":memory:", `a"; DROP TABLE b` }, "table: "},
		"queue":          {func(c *Config) { c.DSN, c.Queue.MaxBytes = ":memory:", 1 }, "queue::max_bytes: "},
		"generic":        {func(c *Config) { c.Driver, c.DSN, c.CreateSchema = "generic", "x", false }, "generic must have the key driver"},
	} {
		t.Run(name, func(t *testing.T) {
			factory := NewFactory()
			cfg := factory.CreateDefaultConfig().(*Config)
			cfg.Queue.Directory = Directory(t.TempDir())
			c.change(cfg)
			logs, err := factory.CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("create: got %v, want an error with %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := logs.Start(t.Context(), componenttest.NewNopHost()); err != nil {
				t.Errorf("start: %v", err)
			}
			if err := logs.Shutdown(context.Background()); err != nil {
				t.Errorf("shut down: %v", err)
			}
		})
	}
}

// TestExportersShareTheirDatabase starts the two exporters of one component. They
// would not both open the folder of the queue.
func TestExportersShareTheirDatabase(t *testing.T) {
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.DSN, cfg.Queue.Directory = ":memory:", Directory(t.TempDir())
	for range 2 { // the same configuration can be used again
		traces, err := factory.CreateTraces(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
		if err != nil {
			t.Fatal(err)
		}
		logs, err := factory.CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []component.Component{traces, logs} {
			if err := c.Start(t.Context(), componenttest.NewNopHost()); err != nil {
				t.Fatalf("start: %v", err)
			}
		}
		if err := traces.Shutdown(t.Context()); err != nil {
			t.Fatalf("shut down the first: %v", err)
		}
		if err := logs.ConsumeLogs(t.Context(), oneActivity()); err != nil {
			t.Errorf("the second, after the first has shut down: %v", err)
		}
		if err := logs.Shutdown(t.Context()); err != nil {
			t.Fatalf("shut down the second: %v", err)
		}
	}
}

func oneActivity() plog.Logs {
	ld := plog.NewLogs()
	record := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.Attributes().PutStr(activity.ActionTypeKey, string(activity.ActionCreate))
	return ld
}
