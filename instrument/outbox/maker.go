package outbox

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelactivity/activitylog/instrument"
)

// maker makes log records of stored activities. A Recorder emits them to a provider of
// its own, which keeps the last one.
type maker struct {
	recorder *instrument.Recorder
	last     *sdklog.Record
}

func newMaker(res *resource.Resource) *maker {
	m := &maker{}
	m.recorder = instrument.NewRecorder(instrument.WithLoggerProvider(
		sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(keeper{m}))))
	return m
}

// record returns the log record of what [record.encode] has written.
func (m *maker) record(text string) (sdklog.Record, error) {
	ctx, a, err := decode(context.Background(), text)
	if err != nil {
		return sdklog.Record{}, err
	}
	m.last = nil
	if m.recorder.Record(ctx, a); m.last == nil {
		return sdklog.Record{}, errNotEmitted
	}
	return *m.last, nil
}

// keeper is a log processor that keeps the last record.
type keeper struct{ maker *maker }

func (keeper) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (keeper) Shutdown(context.Context) error                         { return nil }
func (keeper) ForceFlush(context.Context) error                       { return nil }
func (k keeper) OnEmit(_ context.Context, r *sdklog.Record) error {
	kept := r.Clone()
	k.maker.last = &kept
	return nil
}
