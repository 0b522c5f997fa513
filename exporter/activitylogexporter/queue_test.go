package activitylogexporter

import (
	"context"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
)

var storageID = component.MustNewID("file_storage")

// disk is a storage extension in memory. After some more writes it is as if
// the process had been killed: nothing reaches it any more.
type disk struct {
	component.StartFunc
	component.ShutdownFunc
	mu     sync.Mutex
	data   map[string][]byte
	writes int // that are left; negative: without end
}

func (d *disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return &diskClient{d}, nil
}

func (d *disk) snapshot() map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.data)
}

type diskClient struct{ disk *disk }

func (c *diskClient) Close(context.Context) error { return nil }

func (c *diskClient) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c *diskClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *diskClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c *diskClient) Batch(_ context.Context, ops ...*storage.Operation) error {
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	writes := false
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = c.disk.data[op.Key]
		case storage.Set:
			if writes = true; c.disk.writes != 0 {
				c.disk.data[op.Key] = op.Value
			}
		case storage.Delete:
			if writes = true; c.disk.writes != 0 {
				delete(c.disk.data, op.Key)
			}
		}
	}
	if writes && c.disk.writes > 0 {
		c.disk.writes--
	}
	return nil
}

type hostWithDisk struct {
	component.Host
	disk *disk
}

func (h hostWithDisk) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: h.disk}
}

// queued returns a started exporter, and what stops it.
func queued(t *testing.T, d *disk, dsn string) (exporter.Logs, func()) {
	t.Helper()
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.Driver, cfg.DSN = "sqlite", configopaque.String(dsn)
	cfg.RetryConfig.InitialInterval = 10 * time.Millisecond
	cfg.QueueConfig.Get().StorageID = &storageID
	cfg.QueueConfig.Get().Batch.Get().FlushTimeout = 10 * time.Millisecond
	logs, err := factory.CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := logs.Start(t.Context(), hostWithDisk{componenttest.NewNopHost(), d}); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() { _ = logs.Shutdown(context.Background()) })
	t.Cleanup(stop)
	return logs, stop
}

// TestKilledWhileItsQueueIsLoaded kills an exporter after each number of writes
// to its storage while it takes up what was in flight when it was killed before.
func TestKilledWhileItsQueueIsLoaded(t *testing.T) {
	const requests = 8
	nowhere := "file:" + filepath.Join(t.TempDir(), "missing", "activity.db")
	first := &disk{data: map[string][]byte{}, writes: -1}
	logs, _ := queued(t, first, nowhere)
	_, ld := payload(requests)
	for i := range requests { // a request for each record
		one := plog.NewLogs()
		ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(i).
			CopyTo(one.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
		if err := logs.ConsumeLogs(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond) // all are in flight, to a database that is not there
	killed := first.snapshot()
	for writes := range requests + 6 {
		second := &disk{data: maps.Clone(killed), writes: writes}
		queued(t, second, nowhere)
		time.Sleep(30 * time.Millisecond)
		dsn := sqliteFile(t)
		third := &disk{data: second.snapshot(), writes: -1}
		_, stop := queued(t, third, dsn)
		wait(t, "the rows", func() bool {
			return count(dsn) == requests
		})
		stop()
		if got := count(dsn); got != requests {
			t.Errorf("killed after %d writes: %d of %d acknowledged records are rows", writes, got, requests)
		}
	}
}

// TestConsumeWaitsForStart is about receivers that start before an exporter.
func TestConsumeWaitsForStart(t *testing.T) {
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	dsn := sqliteFile(t)
	cfg.Driver, cfg.DSN = "sqlite", configopaque.String(dsn)
	cfg.QueueConfig.Get().StorageID = &storageID
	logs, err := factory.CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, early := payload(10)
	if err := logs.ConsumeLogs(ctx, early); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Fatalf("consume before start: got %v, want it to wait until its deadline", err)
	}
	consumed := make(chan error)
	go func() {
		_, ld := payload(10)
		consumed <- logs.ConsumeLogs(t.Context(), ld)
	}()
	select {
	case err := <-consumed:
		t.Fatalf("consume before start returned: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	d := &disk{data: map[string][]byte{}, writes: -1}
	if err := logs.Start(t.Context(), hostWithDisk{componenttest.NewNopHost(), d}); err != nil {
		t.Fatal(err)
	}
	if err := <-consumed; err != nil {
		t.Errorf("consume: %v", err)
	}
	wait(t, "the rows", func() bool { return count(dsn) == 10 })
	if err := logs.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
