package activitylogexporter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadatatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// pair is one component's exporters, started, on a database.
type pair struct {
	id      component.ID
	traces  exporter.Traces
	logs    exporter.Logs
	host    *host
	tel     *componenttest.Telemetry
	logged  *observer.ObservedLogs
	stopped bool
}

// host collects the statuses that a component reports.
type host struct {
	component.Host
	mu     sync.Mutex
	events []*componentstatus.Event
}

func (h *host) Report(e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *host) all() []*componentstatus.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// last returns what was reported last; in the beginning, that all is well.
func (h *host) last() *componentstatus.Event {
	all := h.all()
	if len(all) == 0 {
		return componentstatus.NewEvent(componentstatus.StatusOK)
	}
	return all[len(all)-1]
}

func (h *host) statuses() (all []componentstatus.Status) {
	for _, e := range h.all() {
		all = append(all, e.Status())
	}
	return slices.Compact(all)
}

func start(t *testing.T, driver, dsn string) *pair {
	t.Helper()
	return startIn(t, driver, dsn, t.TempDir())
}

// startIn starts exporters with a queue in a folder.
func startIn(t *testing.T, driver, dsn, directory string) *pair {
	t.Helper()
	core, logged := observer.New(zap.DebugLevel)
	p := &pair{host: &host{Host: componenttest.NewNopHost()}, tel: componenttest.NewTelemetry(), logged: logged}
	set := exportertest.NewNopSettings(metadata.Type)
	p.id = set.ID
	set.TelemetrySettings = p.tel.NewTelemetrySettings()
	set.Logger = zap.New(core)
	factory := NewFactory()
	cfg := factory.CreateDefaultConfig().(*Config)
	cfg.Driver, cfg.DSN = Driver(driver), configopaque.String(dsn)
	cfg.Queue.Directory = Directory(directory)
	var err error
	if p.traces, err = factory.CreateTraces(t.Context(), set, cfg); err != nil {
		t.Fatal(err)
	}
	if p.logs, err = factory.CreateLogs(t.Context(), set, cfg); err != nil {
		t.Fatal(err)
	}
	for _, c := range []component.Component{p.traces, p.logs} {
		if err := c.Start(t.Context(), p.host); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { p.stop(t) })
	return p
}

func (p *pair) stop(t *testing.T) {
	t.Helper()
	if p.stopped {
		return
	}
	p.stopped = true
	for _, c := range []component.Component{p.traces, p.logs} {
		if err := c.Shutdown(context.Background()); err != nil {
			t.Errorf("shut down: %v", err)
		}
	}
}

// payload is n activities, each as a span and as a log record; every third
// without an id in either is known only by the span, and so is a log
// record only.
func payload(n int) (ptrace.Traces, plog.Logs) {
	td, ld := ptrace.NewTraces(), plog.NewLogs()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	base := time.Date(2026, 11, 23, 3, 49, 5, 0, time.UTC)
	for i := range n {
		at := base.Add(time.Duration(i) * time.Microsecond)
		record := records.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(at))
		record.Body().SetStr(fmt.Sprintf("activity %d", i))
		describe(record.Attributes(), i)
		if i%3 == 0 {
			continue
		}
		id := activity.HashID(at, fmt.Append(nil, i)).String()
		record.Attributes().PutStr(activity.IDKey, id)
		span := spans.AppendEmpty()
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(-time.Millisecond)))
		span.SetTraceID([16]byte{1, byte(i >> 8), byte(i)})
		span.SetSpanID([8]byte{1, byte(i >> 8), byte(i)})
		span.Attributes().PutStr(activity.IDKey, id)
		span.Attributes().PutStr(activity.RemarksKey, fmt.Sprintf("activity %d", i))
		describe(span.Attributes(), i)
	}
	records.AppendEmpty().Body().SetStr("no activity")
	spans.AppendEmpty().SetName("no activity")
	return td, ld
}

func describe(attributes pcommon.Map, i int) {
	attributes.PutStr(activity.ActionTypeKey, string(activity.ActionUpdate))
	attributes.PutStr(activity.ActorIDKey, fmt.Sprint(i%10))
}

func (p *pair) send(t *testing.T, n int, traces, logs bool) {
	t.Helper()
	td, ld := payload(n)
	if traces {
		if err := p.traces.ConsumeTraces(t.Context(), td); err != nil {
			t.Errorf("consume traces: %v", err)
		}
	}
	if logs {
		if err := p.logs.ConsumeLogs(t.Context(), ld); err != nil {
			t.Errorf("consume logs: %v", err)
		}
	}
}

func rows(t *testing.T, driver, dsn, query string) (n int) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func sqliteFile(t *testing.T) string { return "file:" + filepath.Join(t.TempDir(), "activity.db") }

func TestSamePayloadThreeTimesInEverySignalGivesOneRowEach(t *testing.T) {
	for name, signals := range map[string]struct {
		traces, logs bool
		want         int
	}{
		"logs": {false, true, 900}, "traces": {true, false, 600}, "both": {true, true, 900},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := sqliteFile(t)
			p := start(t, "sqlite", dsn)
			for range 3 {
				p.send(t, 900, signals.traces, signals.logs)
			}
			p.stop(t)
			again := start(t, "sqlite", dsn) // after a restart too
			again.send(t, 900, signals.traces, signals.logs)
			again.stop(t)
			if got := rows(t, "sqlite", dsn, "SELECT count(*) FROM activity_log"); got != signals.want {
				t.Errorf("got %d rows, want %d", got, signals.want)
			}
			if got := rows(t, "sqlite", dsn, "SELECT count(DISTINCT remarks) FROM activity_log"); got != signals.want {
				t.Errorf("got %d different rows, want %d", got, signals.want)
			}
		})
	}
}

func TestTwoCollectorsOnOnePostgres(t *testing.T) {
	server := pgtest.Start(t)
	a, b := start(t, "postgres", server.DSN()), start(t, "postgres", server.DSN())
	var wg sync.WaitGroup
	for _, p := range []*pair{a, b, a, b} {
		wg.Go(func() { p.send(t, 3000, true, true) })
	}
	wg.Wait()
	a.stop(t)
	b.stop(t)
	if got := rows(t, "pgx", server.DSN(), "SELECT count(*) FROM activity_log"); got != 3000 {
		t.Errorf("got %d rows, want 3000", got)
	}
}

func TestStartsWithoutItsDatabaseAndSaysSo(t *testing.T) {
	server := pgtest.Start(t)
	server.Stop()
	p := start(t, "postgres", server.DSN())
	p.send(t, 300, true, true)
	wait(t, "the component to report its database", func() bool {
		return slices.Contains(p.host.statuses(), componentstatus.StatusRecoverableError)
	})
	server.Start()
	wait(t, "the component to recover", func() bool {
		all := p.host.statuses()
		return all[len(all)-1] == componentstatus.StatusOK
	})
	p.stop(t)
	if got := rows(t, "pgx", server.DSN(), "SELECT count(*) FROM activity_log"); got != 300 {
		t.Errorf("got %d rows, want 300", got)
	}
}

// TestSaysOnceThatTheDatabaseIsAway: it is looked for each second, and that does not fill the log.
func TestSaysOnceThatTheDatabaseIsAway(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "none")
	p := start(t, "sqlite", "file:"+filepath.Join(folder, "activity.db"))
	defer p.stop(t)
	time.Sleep(2500 * time.Millisecond)
	if n := p.logged.FilterMessageSnippet("The database is not ready").Len(); n != 1 {
		t.Errorf("it is said %d times, want once", n)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	wait(t, "the component to recover", func() bool {
		all := p.host.statuses()
		return len(all) > 0 && all[len(all)-1] == componentstatus.StatusOK
	})
}

func TestSaying(t *testing.T) {
	var s saying
	now := time.Now()
	for i, c := range []struct {
		text  string
		after time.Duration
		want  bool
	}{
		{"away", 0, true}, {"away", time.Second, false}, {"denied", time.Second, true}, {"away", time.Second, true},
		{"away", sayAgain - time.Second, false}, {"away", time.Second, true}, {"away", time.Second, false},
	} {
		now = now.Add(c.after)
		if got := s.isNews(errors.New(c.text), now); got != c.want {
			t.Errorf("%d, %q: got %v, want %v", i, c.text, got, c.want)
		}
	}
}

func TestPasswordIsInNoLogLineAndNoStatus(t *testing.T) {
	server := pgtest.Start(t)
	wrong := strings.Replace(server.DSN(), pgtest.Password, secret, 1)
	p := start(t, "postgres", wrong)
	p.send(t, 3, true, true)
	wait(t, "the component and the queue to say that the password is refused, the queue more than once", func() bool {
		return p.logged.FilterMessageSnippet("The database is not ready").Len() > 0 &&
			p.logged.FilterMessageSnippet("could not be written").Len() > 1 && len(p.host.statuses()) > 0
	})
	for _, line := range p.logged.All() {
		if text := fmt.Sprint(line.Message, line.ContextMap()); strings.Contains(text, secret) {
			t.Errorf("a log line shows the password: %s", text)
		}
	}
	for _, event := range p.host.events {
		if event.Err() != nil && strings.Contains(event.Err().Error(), secret) {
			t.Errorf("a status shows the password: %v", event.Err())
		}
	}
}

func TestMetricsCountRows(t *testing.T) {
	dsn := sqliteFile(t)
	p := start(t, "sqlite", dsn)
	p.send(t, 900, false, true)
	p.send(t, 900, false, true)
	p.stop(t)
	want := []metricdata.DataPoint[int64]{{Value: 900}}
	metadatatest.AssertEqualExporterActivitylogRowsWritten(t, p.tel, want, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterActivitylogRowsDuplicate(t, p.tel, want, metricdatatest.IgnoreTimestamp())
	metadatatest.AssertEqualExporterActivitylogWriteDuration(t, p.tel, []metricdata.HistogramDataPoint[float64]{{}},
		metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreValue())
}

// TestImpossibleRows is a batch of 1,000 with three rows that no database takes
// as they are.
func TestImpossibleRows(t *testing.T) {
	server := pgtest.Start(t)
	for driver, dsn := range map[string]string{"sqlite": sqliteFile(t), "postgres": server.DSN()} {
		t.Run(driver, func(t *testing.T) {
			p := start(t, driver, dsn)
			_, ld := payload(1000)
			records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
			records.At(10).Body().SetStr("nul \x00 byte")
			records.At(500).Attributes().PutStr(activity.ObjectIDKey, strings.Repeat("0123456789abcdef!", 10<<20/17)+random())
			records.At(990).Attributes().PutStr(activity.ActorNameKey, "broken \xc3\x28 utf-8")
			if err := p.logs.ConsumeLogs(t.Context(), ld); err != nil {
				t.Fatal(err)
			}
			name := map[string]string{"sqlite": "sqlite", "postgres": "pgx"}[driver]
			wait(t, "1,000 rows to be kept one way or the other", func() bool {
				m, err := p.tel.GetMetric("otelcol_exporter_activitylog_rows_written")
				return err == nil && m.Data.(metricdata.Sum[int64]).DataPoints[0].Value >= 999
			})
			_, more := payload(1200)
			more.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().RemoveIf(func(r plog.LogRecord) bool {
				return r.Timestamp() < ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(999).Timestamp()+1
			})
			if err := p.logs.ConsumeLogs(t.Context(), more); err != nil { // the collector goes on
				t.Fatal(err)
			}
			p.stop(t)
			kept := rows(t, name, dsn, "SELECT count(*) FROM activity_log")
			dead := rows(t, name, dsn, "SELECT count(*) FROM activity_log_dead_letter")
			if kept != 1200 || dead != 0 {
				t.Errorf("got %d rows and %d dead letters, want 1200 and 0", kept, dead)
			}
			if cut := rows(t, name, dsn, "SELECT count(*) FROM activity_log WHERE length(object_id) = 255 AND CAST(data AS text) LIKE '%activity.cut%'"); cut != 1 {
				t.Errorf("got %d rows that are flagged as cut, want 1", cut)
			}
			flagged := rows(t, name, dsn, "SELECT count(*) FROM activity_log WHERE CAST(data AS text) LIKE '%activity.repaired%'")
			if flagged != 2 {
				t.Errorf("got %d rows that are flagged as repaired, want 2", flagged)
			}
		})
	}
}

// random is text that does not compress, and so does not fit into an index.
func random() string {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(activity.HashID(time.Unix(int64(i), 0), fmt.Append(nil, i)).String())
	}
	return b.String()
}

func wait(t *testing.T, what string, until func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if until() {
			return
		}
	}
	t.Fatalf("waited 20 s for %s", what)
}

// count returns the number of rows, -1 while there is no table.
func count(dsn string) (n int) {
	if _, err := os.Stat(strings.TrimPrefix(dsn, "file:")); err != nil {
		return -1 // SQLite would make it
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return -1
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM activity_log").Scan(&n); err != nil {
		return -1
	}
	return n
}
