// Package collectortest starts the real collector for tests.
package collectortest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collector"
)

// Config is [collector.Config]; an empty Binary, ConfigFile or Storage gets
// the default of [Start].
type Config = collector.Config

// Collector is a collector that ends with its test, which it is killed for if
// it still runs then.
type Collector struct {
	*collector.Collector
	tb testing.TB
}

// Start starts a collector and waits until it is healthy. Without other
// orders it runs [Binary] with the repository's collector-config.yaml and keeps
// its queue in a temporary folder. The log of the collector is printed when the
// test fails.
func Start(tb testing.TB, cfg Config) *Collector {
	tb.Helper()
	if cfg.Binary == "" {
		cfg.Binary = Binary(tb)
	}
	if cfg.ConfigFile == "" {
		cfg.ConfigFile = filepath.Join(Root(tb), configFile)
	}
	if cfg.Storage == "" {
		cfg.Storage = tb.TempDir()
	}
	c, err := collector.Start(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("start the collector: %v", err)
	}
	tb.Cleanup(func() {
		c.Kill() // does nothing more after Stop
		if tb.Failed() {
			tb.Logf("the end of the collector's log:\n%s", c.LogTail(60))
		}
	})
	return &Collector{Collector: c, tb: tb}
}

// Restart starts the collector again after Stop or Kill.
func (c *Collector) Restart() {
	c.tb.Helper()
	if err := c.Collector.Restart(c.tb.Context()); err != nil {
		c.tb.Fatalf("restart the collector: %v", err)
	}
}

// Stop shuts the collector down.
func (c *Collector) Stop() {
	c.tb.Helper()
	if err := c.Collector.Stop(); err != nil {
		c.tb.Fatalf("stop the collector: %v", err)
	}
}

// Binary returns the path of the program: the environment variable
// ACTIVITYLOG_COLLECTOR, or bin/otelcol-activitylog of this repository. A test
// that lacks it is skipped, but fails where CI=true.
func Binary(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv("ACTIVITYLOG_COLLECTOR")
	if path == "" {
		path = filepath.Join(Root(tb), "bin", "otelcol-activitylog")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		testserver.Missing(tb, "there is no collector (%v); build it (make collector) or set ACTIVITYLOG_COLLECTOR", err)
	}
	return path
}

const configFile = "collector-config.yaml"

// Root returns the path of the repository: the nearest folder above the test
// that holds collector-config.yaml.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, configFile)); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			testserver.Missing(tb, "there is no %s in any folder above the test", configFile)
		}
		dir = parent
	}
}
