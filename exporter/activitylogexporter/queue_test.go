package activitylogexporter

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadatatest"
)

// logsTo returns an exporter to SQLite that is not started, and its log.
func logsTo(t *testing.T, dsn, directory string) (exporter.Logs, *observer.ObservedLogs) {
	t.Helper()
	core, logged := observer.New(zap.DebugLevel)
	set := exportertest.NewNopSettings(metadata.Type)
	set.Logger = zap.New(core)
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.Driver, cfg.DSN, cfg.Queue.Directory = "sqlite", configopaque.String(dsn), Directory(directory)
	logs, err := factory.CreateLogs(t.Context(), set, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = logs.Shutdown(context.Background()) })
	return logs, logged
}

// TestConsumeWaitsForStart is about receivers that start before an exporter.
func TestConsumeWaitsForStart(t *testing.T) {
	dsn := sqliteFile(t)
	logs, _ := logsTo(t, dsn, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, early := payload(10)
	if err := logs.ConsumeLogs(ctx, early); !errors.Is(err, context.DeadlineExceeded) {
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
	if err := logs.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	if err := <-consumed; err != nil {
		t.Errorf("consume: %v", err)
	}
	wait(t, "the rows", func() bool { return count(dsn) == 10 })
}

// TestSecondOwnerIsToldWhoHasTheFolder starts two exporters with one folder.
func TestSecondOwnerIsToldWhoHasTheFolder(t *testing.T) {
	directory := t.TempDir()
	first, _ := logsTo(t, sqliteFile(t), directory)
	if err := first.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	second, _ := logsTo(t, sqliteFile(t), directory)
	err := second.Start(t.Context(), componenttest.NewNopHost())
	if err == nil {
		t.Fatal("a second exporter took the folder of the first")
	}
	for _, want := range []string{"open queue: ", directory, "pid ", "folder of its own"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if err := first.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	third, _ := logsTo(t, sqliteFile(t), directory)
	if err := third.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

// TestOldQueueFilesAreNamed has a file of the extension file_storage in the folder.
func TestOldQueueFilesAreNamed(t *testing.T) {
	directory := t.TempDir()
	file := filepath.Join(directory, "exporter_activitylog__logs")
	if err := os.WriteFile(file, []byte("bbolt"), 0o600); err != nil {
		t.Fatal(err)
	}
	logs, logged := logsTo(t, sqliteFile(t), directory)
	if err := logs.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	lines := logged.FilterLevelExact(zap.WarnLevel).FilterField(zap.String("file", file)).All()
	if len(lines) != 1 || !strings.Contains(lines[0].Message, "not read") {
		t.Errorf("got %v, want one warning that names %s", lines, file)
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "bbolt" {
		t.Errorf("the file was changed: %q, %v", content, err)
	}
}

// TestExporterRenamedHasTheSameQueue starts an exporter of another name with the
// folder of one that could not write.
func TestExporterRenamedHasTheSameQueue(t *testing.T) {
	directory := t.TempDir()
	first, _ := logsTo(t, "file:"+filepath.Join(t.TempDir(), "missing", "activity.db"), directory)
	if err := first.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	_, ld := payload(300)
	if err := first.ConsumeLogs(t.Context(), ld); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := first.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the shutdown took %v without a database", took)
	}
	dsn := sqliteFile(t)
	second, _ := logsTo(t, dsn, directory) // exportertest gives each a name of its own
	if err := second.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	wait(t, "the rows", func() bool { return count(dsn) == 300 })
}

// TestQueueMetrics reads the metrics that README.md names.
func TestQueueMetrics(t *testing.T) {
	p := start(t, "sqlite", sqliteFile(t))
	p.send(t, 900, true, true)
	wait(t, "the rows", func() bool { return p.sum(t, "stored") == 1500 })
	for name, want := range map[string]int64{"accepted": 1500, "retried": -1, "requests": 0, "rejected": -1, "lost": -1} {
		if got := p.sum(t, name); got != want {
			t.Errorf("otelcol_exporter_activitylog_queue_%s: got %d, want %d", name, got, want)
		}
	}
	if bytes := p.sum(t, "bytes"); bytes <= 0 || bytes > 1<<20 {
		t.Errorf("otelcol_exporter_activitylog_queue_bytes: %d", bytes)
	}
	exporter := attribute.NewSet(attribute.String("exporter", p.id.String()))
	metadatatest.AssertEqualExporterActivitylogQueueCapacity(t, p.tel,
		[]metricdata.DataPoint[int64]{{Attributes: exporter, Value: 2 << 30}}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterActivitylogQueueStored(t, p.tel,
		[]metricdata.DataPoint[int64]{{Attributes: exporter, Value: 1500}}, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterActivitylogQueueOldestAge(t, p.tel,
		[]metricdata.DataPoint[float64]{{Attributes: exporter}}, metricdatatest.IgnoreTimestamp())
}

// sum adds up a metric of the queue, -1 when there is none.
func (p *pair) sum(t *testing.T, name string) (total int64) {
	t.Helper()
	m, err := p.tel.GetMetric("otelcol_exporter_activitylog_queue_" + name)
	if err != nil {
		return -1
	}
	var points []metricdata.DataPoint[int64]
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		points = data.DataPoints
	case metricdata.Gauge[int64]:
		points = data.DataPoints
	default:
		t.Fatalf("%s: %T", name, data)
	}
	for _, point := range points {
		if id, ok := point.Attributes.Value("exporter"); !ok || !strings.HasPrefix(id.AsString(), "activitylog") {
			t.Errorf("%s has no attribute exporter: %v", name, point.Attributes)
		}
		total += point.Value
	}
	return total
}

// TestHealthOfTheQueue takes the folder away from a running exporter, in a way that
// it cannot repair, and gives it back.
func TestHealthOfTheQueue(t *testing.T) {
	parent := t.TempDir()
	directory := filepath.Join(parent, "queue")
	p := startIn(t, "sqlite", sqliteFile(t), directory)
	p.send(t, 9, true, true)
	if err := os.Rename(parent, parent+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(parent, nil, 0o600); err != nil { // so that it cannot be made again
		t.Fatal(err)
	}
	_, ld := payload(12)
	if err := p.logs.ConsumeLogs(t.Context(), ld); err == nil {
		t.Error("the exporter acknowledged what is nowhere on disk")
	}
	wait(t, "the component to report its disk", func() bool {
		last := p.host.last()
		return last.Status() == componentstatus.StatusRecoverableError && strings.Contains(last.Err().Error(), directory)
	})
	if err := os.Remove(parent); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(parent+"-away", parent); err != nil {
		t.Fatal(err)
	}
	_, ld = payload(12)
	wait(t, "the exporter to take records again", func() bool { return p.logs.ConsumeLogs(t.Context(), ld) == nil })
	wait(t, "the component to recover", func() bool {
		return p.host.last().Status() == componentstatus.StatusOK
	})
}

// TestHealthSaysThatNothingIsWritten is about the state that check reports.
func TestHealthSaysThatNothingIsWritten(t *testing.T) {
	nowhere := "file:" + filepath.Join(t.TempDir(), "missing", "activity.db")
	logs, _ := logsTo(t, nowhere, t.TempDir())
	if err := logs.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	_, ld := payload(12)
	if err := logs.ConsumeLogs(t.Context(), ld); err != nil {
		t.Fatal(err)
	}
	d := logs.(*logsExporter).db
	st := d.queue.Stats()
	begin := time.Now().Add(-time.Hour)
	if err := stalled(st, begin); err != nil {
		t.Errorf("what is new is said to be stalled: %v", err)
	}
	st.Oldest = 6 * time.Minute
	if err := stalled(st, begin); err == nil || !strings.Contains(err.Error(), "1h0m") || !strings.Contains(err.Error(), "1 requests wait") {
		t.Errorf("after an hour: %v", err)
	}
	st.LastAck = time.Now()
	if err := stalled(st, begin); err != nil {
		t.Errorf("something was written a moment ago: %v", err)
	}
}
