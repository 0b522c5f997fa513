package activitylogexporter

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"

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
		"the defaults":   {func(*Config) {}, "dsn: must not be empty"},
		"unknown driver": {func(c *Config) { c.Driver, c.DSN = "oracle", "x" }, `driver: unknown driver "oracle"`},
		"unclear dsn":    {func(c *Config) { c.DSN = "localhost:1521" }, "driver: cannot be told from the dsn"},
		"table":          {func(c *Config) { c.DSN, c.Table = ":memory:", `a"; DROP TABLE b` }, "table: "},
		"queue":          {func(c *Config) { c.DSN, c.Queue.MaxBytes = ":memory:", 1 }, "queue: max_bytes: "},
		"generic":        {func(c *Config) { c.Driver, c.DSN, c.CreateSchema = "generic", "x", false }, "generic: must be set"},
	} {
		t.Run(name, func(t *testing.T) {
			factory := NewFactory()
			cfg := factory.CreateDefaultConfig().(*Config)
			cfg.Queue.Directory = t.TempDir()
			c.change(cfg)
			logs, err := factory.CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = logs.Start(t.Context(), componenttest.NewNopHost())
			switch {
			case c.want == "" && err != nil:
				t.Errorf("start: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("start: got %v, want an error with %q", err, c.want)
			}
			if err := logs.Shutdown(context.Background()); err != nil {
				t.Errorf("shut down: %v", err)
			}
		})
	}
}
