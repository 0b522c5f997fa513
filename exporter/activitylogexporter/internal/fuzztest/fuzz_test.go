package fuzztest

import (
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// The way of a request: bytes of OTLP, one processor for all of them, rows.
type way struct {
	traces  processor.Traces
	logs    processor.Logs
	spans   consumertest.TracesSink
	records consumertest.LogsSink
	rows    convert.Converter
}

func newWay(f *testing.F) *way {
	f.Helper()
	file, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	check(f, err)
	section, err := file.Sub("activity")
	check(f, err)
	factory := activityprocessor.NewFactory()
	cfg := factory.CreateDefaultConfig()
	check(f, section.Unmarshal(cfg))
	check(f, confmap.Validate(cfg))
	w := &way{rows: convert.Converter{DataAttributes: []string{"a", "http.route"}}}
	set := processortest.NewNopSettings(factory.Type())
	w.traces, err = factory.CreateTraces(f.Context(), set, cfg, &w.spans)
	check(f, err)
	w.logs, err = factory.CreateLogs(f.Context(), set, cfg, &w.records)
	check(f, err)
	check(f, w.traces.Start(f.Context(), componenttest.NewNopHost()))
	check(f, w.logs.Start(f.Context(), componenttest.NewNopHost()))
	f.Cleanup(func() {
		check(f, w.traces.Shutdown(context.Background()))
		check(f, w.logs.Shutdown(context.Background()))
	})
	return w
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// FuzzTraces gives the processor whatever is OTLP at all.
func FuzzTraces(f *testing.F) {
	for _, seed := range seedSpans() {
		f.Add(seed)
	}
	w, m := newWay(f), newMemory()
	f.Fuzz(func(t *testing.T, payload []byte) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(payload)
		if err != nil {
			t.Skip()
		}
		defer w.spans.Reset()
		check(t, w.traces.ConsumeTraces(t.Context(), td))
		for _, out := range w.spans.AllTraces() {
			b := w.rows.Traces(out)
			checkRows(t, b.Rows, out.SpanCount(), len(payload))
			w.rows.Release(b)
		}
		m.check(t)
	})
}

// FuzzLogs does for log records what FuzzTraces does for spans.
func FuzzLogs(f *testing.F) {
	for _, seed := range seedRecords() {
		f.Add(seed)
	}
	w, m := newWay(f), newMemory()
	f.Fuzz(func(t *testing.T, payload []byte) {
		ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(payload)
		if err != nil {
			t.Skip()
		}
		defer w.records.Reset()
		check(t, w.logs.ConsumeLogs(t.Context(), ld))
		for _, out := range w.records.AllLogs() {
			b := w.rows.Logs(out)
			checkRows(t, b.Rows, out.LogRecordCount(), len(payload))
			w.rows.Release(b)
		}
		m.check(t)
	})
}

// checkRows fails unless each record is a row that any database takes. A row may
// be larger than the request that it is of, by what is said twice and escaped,
// but not without bound.
func checkRows(t *testing.T, rows []row.Row, records, payload int) {
	t.Helper()
	if len(rows) != records {
		t.Errorf("%d rows of %d records: all that leave the processor are activities", len(rows), records)
	}
	for i := range rows {
		r := &rows[i]
		if r.ID.IsZero() {
			t.Error("a row has no id")
		}
		for column, text := range r.Text {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("%s is not text: %q", row.Names[column], text)
			}
		}
		if !json.Valid([]byte(r.Text[row.Data])) {
			t.Errorf("data is not JSON: %q", r.Text[row.Data])
		}
		if s := r.Text[row.Status]; s != string(activity.StatusSuccess) && s != string(activity.StatusFailed) {
			t.Errorf("the status is %q", s)
		}
		if s := r.Text[row.Source]; s == "" {
			t.Error("there is no source")
		}
		if size := r.Size(); size > 20*payload+10_000 {
			t.Errorf("a row of %d bytes from a request of %d", size, payload)
		}
	}
}

// memory fails when the program keeps more and more: much more than after the
// first thousands of requests.
type memory struct{ n int }

func newMemory() *memory { return &memory{} }

const (
	every     = 20_000
	heapLimit = 512 << 20 // caches and indexes of the configuration take a part
)

func (m *memory) check(t *testing.T) {
	if m.n++; m.n%every != 0 {
		return
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if stats.HeapAlloc > heapLimit {
		t.Errorf("%d MiB are in use after %d requests", stats.HeapAlloc>>20, m.n)
	}
}
