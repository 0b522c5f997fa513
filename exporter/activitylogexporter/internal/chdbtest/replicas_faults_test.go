package chdbtest_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// errorCode is in the errors of a server.
var errorCode = regexp.MustCompile(`code: \d+`)

// scaled says whether the test is one of make test-scale.
func scaled() bool { return os.Getenv("ACTIVITYLOG_SCALE") == "full" }

// load writes rows in batches, each until it is acknowledged, as the queue does.
type load struct {
	t      *testing.T
	o      *table
	batch  int
	pause  time.Duration // between two batches of a writer
	done   atomic.Bool   // no more batches
	gaveUp atomic.Bool   // nor tries
	failed atomic.Int64  // tries

	mu           sync.Mutex
	acknowledged map[activity.ID]bool
	failures     map[string]int // by the kind of error
	last         error
}

// run starts writers, and returns what ends them.
func (l *load) run(writers int) (end func()) {
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for ; !l.done.Load(); time.Sleep(l.pause) {
				l.write(dialecttest.Rows(l.batch))
			}
		})
	}
	return func() { l.done.Store(true); wg.Wait() }
}

// write writes a batch until it is acknowledged.
func (l *load) write(batch []row.Row) {
	for !l.gaveUp.Load() {
		err := l.o.Write(l.t.Context(), slices.Clone(batch))
		if err == nil {
			break
		}
		l.failed.Add(1)
		l.note(err)
		time.Sleep(50 * time.Millisecond)
	}
	if l.gaveUp.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range batch {
		l.acknowledged[batch[i].ID] = true
	}
}

// note counts an error by the code that it has.
func (l *load) note(err error) {
	kind := "connection"
	if match := errorCode.FindString(err.Error()); match != "" {
		kind = match
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures[kind]++
	l.last = err
}

// count is how many rows are acknowledged.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acknowledged)
}

// until waits until so many more rows are acknowledged, and fails the test if none is for a while.
func (l *load) until(more int) {
	l.t.Helper()
	before, since := l.count(), time.Now()
	for want := before + more; before < want; time.Sleep(10 * time.Millisecond) {
		if now := l.count(); now > before {
			before, since = now, time.Now()
		}
		if time.Since(since) > 40*time.Second {
			l.t.Fatalf("%d rows are acknowledged, and no more for forty seconds: %v, last %v", l.count(), l.failures, l.last)
		}
	}
}

// untilFailed waits until a try has failed.
func (l *load) untilFailed() {
	l.t.Helper()
	for before, start := l.failed.Load(), time.Now(); l.failed.Load() == before; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			l.t.Fatal("no write fails")
		}
	}
}

// faults kills servers under load, and in the long form ZooKeeper. Each comes back.
func (r *replicas) faults(more string, writers int) {
	least, part, killed := 5000, 500, []int{0} // which is the one that is written through
	l := &load{t: r.t, o: r.open(more), batch: 250, pause: 50 * time.Millisecond, acknowledged: map[activity.ID]bool{}, failures: map[string]int{}}
	if scaled() {
		least, part, l.batch, l.pause = 1_000_000, 50_000, 5000, 200*time.Millisecond
		killed = []int{1, 0, 2, 3}
	}
	began := time.Now()
	end := l.run(writers)
	defer func() { l.gaveUp.Store(true); end() }()
	for _, i := range killed {
		l.until(part)
		r.Servers[i].Kill()
		if more == quorum {
			l.untilFailed()
		} else {
			l.until(part)
		}
		r.Restart(i)
		l.until(part)
	}
	what := fmt.Sprint("replicas killed and back in turn: ", len(killed))
	if scaled() { // servers come back 10 seconds after their ZooKeeper
		what += ", then ZooKeeper"
		r.Keeper.Kill()
		l.untilFailed()
		r.await(1, "SELECT count() > 0 FROM activity_log", "1") // reading needs no ZooKeeper
		r.Keeper.Start()
	}
	over := time.Now()
	l.until(max(part, least-l.count()))
	end()
	took := time.Since(began)
	r.compare(l)
	if scaled() && len(l.failures) == 0 { // in the short form a kill may fall between two batches
		r.t.Error("no write failed, so nothing is tested here")
	}
	name := "acknowledged by one replica, 4 writers"
	if more == quorum {
		name = "`insert_quorum=2`, 1 writer"
	}
	n := len(l.acknowledged)
	line := fmt.Sprintf("| ClickHouse 18.16, 2 shards × 2 replicas | %s; %s | %d | %d | %d | 0 | 0 | %.1f s; errors retried: %v; %.0f s in all | `%s` |",
		name, what, n, n, n, time.Since(over).Seconds(), l.failures, took.Seconds(), r.t.Name())
	r.t.Log(line)
	if file := os.Getenv("ACTIVITYLOG_SCALE_TABLE"); file != "" && !r.t.Failed() {
		appendLine(r.t, file, line)
	}
	r.empty()
}

// compare fails the test unless each server shows each acknowledged row once.
func (r *replicas) compare(l *load) {
	r.t.Helper()
	want := fmt.Sprint(len(l.acknowledged))
	for i := range r.Servers {
		r.await(i, "SELECT count() FROM activity_log", want)
		r.await(i, "SELECT uniqExact(event_id) FROM activity_log", want)
		r.await(i, "SELECT count() FROM system.replicas WHERE is_readonly", "0")
	}
	for shard := range 2 { // what Distributed shows is one replica of each shard
		rows, err := r.ask(2*shard, "SELECT count() FROM activity_log_shard")
		if err != nil {
			r.t.Fatal(err)
		}
		r.await(2*shard+1, "SELECT count() FROM activity_log_shard", rows)
	}
	for id := range r.ids() {
		if !l.acknowledged[id] {
			r.t.Fatalf("the table has %s, which was not written", id)
		}
	}
}

// ids are those in the table.
func (r *replicas) ids() map[activity.ID]bool {
	r.t.Helper()
	o := r.open("")
	result, err := o.db.QueryContext(r.t.Context(), "SELECT event_id FROM activity_log")
	if err != nil {
		r.t.Fatal(err)
	}
	defer result.Close()
	ids := map[activity.ID]bool{}
	for result.Next() {
		var text string
		if err := result.Scan(&text); err != nil {
			r.t.Fatal(err)
		}
		id, err := activity.ParseID(text)
		if err != nil || ids[id] {
			r.t.Fatalf("%s is in the table twice, or is no id: %v", text, err)
		}
		ids[id] = true
	}
	if err := result.Err(); err != nil {
		r.t.Fatal(err)
	}
	return ids
}

func appendLine(t *testing.T, file, line string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(f, line); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
