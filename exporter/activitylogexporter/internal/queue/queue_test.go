package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/internal/seglog"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is a database in memory.
type database struct {
	mu      sync.Mutex
	rows    map[string]int // how often each was written, by its remarks
	order   []string
	away    error
	refuse  func(remarks string) error // fails the whole batch
	slow    time.Duration
	writes  int
	readies int
	hang    bool // heeds no context
}

func newDatabase() *database { return &database{rows: map[string]int{}} }

// Write takes rows, and spoils the slice, as the store may.
func (d *database) Write(ctx context.Context, rows []row.Row) error {
	d.mu.Lock()
	slow, hang := d.slow, d.hang
	d.writes++
	d.mu.Unlock()
	for hang {
		time.Sleep(10 * time.Millisecond)
		d.mu.Lock()
		hang = d.hang
		d.mu.Unlock()
	}
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	defer clear(rows)
	if d.away != nil {
		return d.away
	}
	for i := range rows {
		if d.refuse != nil {
			if err := d.refuse(rows[i].Text[row.Remarks]); err != nil {
				return err
			}
		}
	}
	for i := range rows {
		name := rows[i].Text[row.Remarks]
		d.rows[name]++
		d.order = append(d.order, name)
	}
	return nil
}

// Ready implements [Writer].
func (d *database) Ready(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readies++
	return d.away
}

func (d *database) set(change func(*database)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

func (d *database) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.rows)
}

// seen is what an observer has received.
type seen struct {
	mu       sync.Mutex
	queued   int
	stored   int
	failed   int
	rejected map[string]int
	aside    []string
	events   []seglog.Event
	database error
	asides   []error
}

func (s *seen) Queued(_ Signal, n int) { s.note(func() { s.queued += n }) }
func (s *seen) Stored(n, _ int)        { s.note(func() { s.stored += n }) }
func (s *seen) Failed(n int, _ error)  { s.note(func() { s.failed += n }) }
func (s *seen) Event(e seglog.Event)   { s.note(func() { s.events = append(s.events, e) }) }
func (s *seen) Database(err error)     { s.note(func() { s.database = err }) }
func (s *seen) SetAside(file string, err error) {
	s.note(func() { s.aside, s.asides = append(s.aside, file), append(s.asides, err) })
}

func (s *seen) Rejected(_ Signal, n int, reason string) {
	s.note(func() {
		if s.rejected == nil {
			s.rejected = map[string]int{}
		}
		s.rejected[reason] += n
	})
}

func (s *seen) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *seen) sees(what func() bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return what()
}

func config(dir string) Config {
	return Config{Dir: dir, MaxBytes: 64 << 20, Consumers: 4, MinRows: 1000, MaxRows: 2000, MaxBatchBytes: 1 << 20,
		FlushTimeout: 5 * time.Millisecond, FullTimeout: 100 * time.Millisecond, CacheBytes: 1 << 20}
}

// open opens a queue until the test ends.
func open(t testing.TB, cfg Config, db *database) (*Queue, *seen) {
	t.Helper()
	s := &seen{}
	q, err := Open(cfg, &convert.Converter{}, db, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q, 0) })
	return q, s
}

func stop(t testing.TB, q *Queue, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := q.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// logs is a request of n records, whose remarks begin with name.
func logs(name string, n int) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		record := records.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		record.Body().SetStr(fmt.Sprintf("%s-%d", name, i))
		record.Attributes().PutStr(activity.ActionTypeKey, string(activity.ActionUpdate))
	}
	identity.StampLogs(ld)
	return ld
}

func spans(name string, n int) ptrace.Traces {
	td := ptrace.NewTraces()
	all := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		span := all.AppendEmpty()
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		span.SetSpanID([8]byte{1, byte(i)})
		span.Attributes().PutStr(activity.ActionTypeKey, string(activity.ActionUpdate))
		span.Attributes().PutStr(activity.RemarksKey, fmt.Sprintf("%s-%d", name, i))
	}
	identity.StampTraces(td)
	return td
}

func add(t testing.TB, q *Queue, name string, n int) {
	t.Helper()
	if err := q.AddLogs(t.Context(), logs(name, n)); err != nil {
		t.Fatalf("add %s: %v", name, err)
	}
}

// patience bounds a wait for what must happen. It says nothing about how soon.
const patience = time.Minute

func wait(t testing.TB, what string, limit time.Duration, until func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !until(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", limit, what)
		}
	}
}

func TestBothSignalsBecomeRowsFromCacheAndFromDisk(t *testing.T) {
	for name, cache := range map[string]int64{"cache": 1 << 20, "disk": 0} {
		t.Run(name, func(t *testing.T) {
			db := newDatabase()
			cfg := config(t.TempDir())
			cfg.CacheBytes = cache
			q, s := open(t, cfg, db)
			for i := range 20 {
				add(t, q, fmt.Sprint("log", i), 100)
				if err := q.AddTraces(t.Context(), spans(fmt.Sprint("span", i), 3)); err != nil {
					t.Fatal(err)
				}
			}
			wait(t, "the rows", patience, func() bool { return db.count() == 20*103 })
			wait(t, "an empty queue", time.Second, func() bool { return q.Stats().Records == 0 })
			stop(t, q, time.Second)
			for name, n := range db.rows {
				if n != 1 {
					t.Errorf("%s was written %d times", name, n)
				}
			}
			if s.queued != 2060 || s.stored != 2060 || s.failed != 0 {
				t.Errorf("the observer saw %d queued, %d stored, %d failed", s.queued, s.stored, s.failed)
			}
			if q.cache.used != 0 || len(q.cache.rows) != 0 {
				t.Errorf("the cache has %d bytes of %d requests left", q.cache.used, len(q.cache.rows))
			}
		})
	}
}

func TestOneConsumerKeepsTheOrder(t *testing.T) {
	db := newDatabase()
	cfg := config(t.TempDir())
	cfg.Consumers = 1
	q, _ := open(t, cfg, db)
	var want []string
	for i := range 300 {
		add(t, q, fmt.Sprintf("%03d", i), 1)
		want = append(want, fmt.Sprintf("%03d-0", i))
	}
	wait(t, "the rows", patience, func() bool { return db.count() == 300 })
	stop(t, q, time.Second)
	if !slices.Equal(db.order, want) {
		t.Error("rows were written in another order than they came in")
	}
}

func TestRequestsAreMergedUpToTheLimits(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	cfg := config(t.TempDir())
	q, _ := open(t, cfg, db)
	for i := range 500 {
		add(t, q, fmt.Sprint(i), 10)
	}
	db.set(func(d *database) { d.away, d.writes = nil, 0 })
	wait(t, "the rows", patience, func() bool { return db.count() == 5000 })
	stop(t, q, time.Second)
	if db.writes < 3 || db.writes > 12 {
		t.Errorf("5,000 rows of 500 requests took %d writes; want about 3 of at most 2,000 rows", db.writes)
	}
}

func TestWhatIsNotWrittenIsThereAfterARestart(t *testing.T) {
	dir, db := t.TempDir(), newDatabase()
	db.away = errors.New("away")
	q, s := open(t, config(dir), db)
	for i := range 50 {
		add(t, q, fmt.Sprint(i), 10)
	}
	wait(t, "the observer to know", patience, func() bool { return s.sees(func() bool { return s.database != nil }) })
	begin := time.Now()
	stop(t, q, 10*time.Second)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("closing took %v although the database is away", took)
	}
	if n := db.count(); n != 0 {
		t.Errorf("%d rows came from nowhere", n)
	}
	db.set(func(d *database) { d.away = nil })
	open(t, config(dir), db)
	wait(t, "the rows", patience, func() bool { return db.count() == 500 })
}

func TestCloseWritesWhatIsThere(t *testing.T) {
	dir, db := t.TempDir(), newDatabase()
	q, _ := open(t, config(dir), db)
	for i := range 100 {
		add(t, q, fmt.Sprint(i), 100)
	}
	stop(t, q, 10*time.Second)
	if n := db.count(); n != 10_000 {
		t.Errorf("closing left %d of 10,000 rows in the queue", 10_000-n)
	}
	if err := q.AddLogs(t.Context(), logs("late", 1)); err == nil || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("add after close: %v", err)
	}
}

// TestCloseWritesWhatTheDatabaseWasAwayFor closes right after the database is back:
// what failed meanwhile is written too, and need not wait for the next start.
func TestCloseWritesWhatTheDatabaseWasAwayFor(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	q, s := open(t, config(t.TempDir()), db)
	for i := range 20 {
		add(t, q, fmt.Sprint(i), 10)
	}
	wait(t, "the database to be noticed as away", patience, func() bool { return s.sees(func() bool { return s.database != nil }) })
	db.set(func(d *database) { d.away = nil })
	wait(t, "the database to be noticed as back", 5*time.Second, func() bool { return s.sees(func() bool { return s.database == nil }) })
	stop(t, q, 5*time.Second)
	if n := db.count(); n != 200 {
		t.Errorf("%d rows after Close, want 200", n)
	}
}

func TestCloseEndsAlthoughTheDatabaseHangs(t *testing.T) {
	dir, db := t.TempDir(), newDatabase()
	db.hang = true
	q, _ := open(t, config(dir), db)
	add(t, q, "a", 10)
	wait(t, "a write", patience, func() bool { db.mu.Lock(); defer db.mu.Unlock(); return db.writes > 0 })
	begin := time.Now()
	stop(t, q, 200*time.Millisecond)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
	db.set(func(d *database) { d.hang = false }) // it ends, too late
	time.Sleep(50 * time.Millisecond)
	again := newDatabase()
	open(t, config(dir), again)
	wait(t, "the rows", patience, func() bool { return again.count() == 10 })
}

func TestFolderHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	open(t, config(dir), newDatabase())
	_, err := Open(config(dir), &convert.Converter{}, newDatabase(), &seen{})
	owned := new(seglog.OwnedError)
	if !errors.As(err, &owned) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "pid") {
		t.Errorf("a second queue in the folder: %v", err)
	}
}
