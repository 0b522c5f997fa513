package dialecttest

import (
	"context"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Direct is the exporter without its queue: consuming returns after the commit.
type Direct struct {
	converter convert.Converter
	store     *store.Store
}

// NewDirect opens the store of cfg until the test ends.
func NewDirect(tb testing.TB, cfg store.Config) *Direct {
	tb.Helper()
	s, err := store.Open(cfg, &log{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return &Direct{store: s}
}

// ConsumeLogs writes the rows of ld.
func (d *Direct) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	identity.StampLogs(ld)
	batch := d.converter.Logs(ld)
	defer d.converter.Release(batch)
	return d.store.Write(ctx, batch.Rows)
}

// Maintain creates partitions, for example.
func (d *Direct) Maintain(ctx context.Context) error { return d.store.Maintain(ctx) }
