package load

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/protobuf/proto"
)

// bulkPatience is how long a sender of [Bulk] tries to send one request, if nothing else is said.
const bulkPatience = 2 * time.Minute

// Send sends a request. nil says that all of its records are acknowledged. An error of
// [Permanent] is not tried again.
type Send func(ctx context.Context, request *collectlogs.ExportLogsServiceRequest) error

// Bulk is many records, sent in large requests by senders that keep each request until it is
// acknowledged, as a sender does that has its own queue. It knows which records were acknowledged,
// and compares them with the rows by their ids.
type Bulk struct {
	Records int // of all requests, a multiple of Request
	Request int // records in a request
	Senders int
	Rate    int  // records a second, of all senders; 0: as fast as they are taken
	Send    Send // may be called by all senders at once

	// Post is used instead of Send, if it is set. It gets the encoded request: thousands of senders
	// that wait need a tenth of the memory then, and encode a request once, as SDKs do.
	Post func(ctx context.Context, body []byte) error
	// Patience is how long a sender tries to send one request; 0: two minutes.
	Patience time.Duration

	First  int             // number of the first record
	Others map[string]bool // ids of rows that somebody else wrote, which are not compared

	acked  []atomic.Bool // by request
	count  atomic.Int64  // acknowledged records
	failed atomic.Int64  // answers that were no acknowledgement
	next   atomic.Int64
	done   sync.WaitGroup
	began  time.Time
	mu     sync.Mutex
	last   error // of an answer that was no acknowledgement
}

// Start starts the senders.
func (b *Bulk) Start() {
	b.acked, b.began = make([]atomic.Bool, b.Records/b.Request), time.Now()
	for range b.Senders {
		b.done.Go(func() {
			for n := int(b.next.Add(1)) - 1; n < len(b.acked); n = int(b.next.Add(1)) - 1 {
				b.wait(n)
				b.sendUntil(n)
			}
		})
	}
}

// wait waits until request n is due.
func (b *Bulk) wait(n int) {
	if b.Rate > 0 {
		time.Sleep(time.Until(b.began.Add(time.Duration(n) * time.Duration(b.Request) * time.Second / time.Duration(b.Rate))))
	}
}

// sendUntil sends request n until it is acknowledged, or until there is no hope.
func (b *Bulk) sendUntil(n int) {
	send := b.sending(n)
	for deadline := time.Now().Add(cmp.Or(b.Patience, bulkPatience)); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		err := send()
		if err == nil {
			b.acked[n].Store(true)
			b.count.Add(int64(b.Request))
			return
		}
		b.failed.Add(1)
		b.mu.Lock()
		b.last = err
		b.mu.Unlock()
		if IsPermanent(err) {
			return
		}
	}
}

// sending returns what sends request n once.
func (b *Bulk) sending(n int) func() error {
	request := BulkRequest(b.First+n*b.Request, b.Request)
	if b.Post == nil {
		return func() error { return b.Send(context.Background(), request) }
	}
	body, err := proto.Marshal(request)
	if err != nil {
		return func() error { return Permanent(err) }
	}
	return func() error { return b.Post(context.Background(), body) }
}

// Acknowledged returns how many records were acknowledged so far.
func (b *Bulk) Acknowledged() int { return int(b.count.Load()) }

// Failed returns how many answers were no acknowledgement, and the last of them.
func (b *Bulk) Failed() (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int(b.failed.Load()), b.last
}

// WaitFor waits until so many records are acknowledged; it fails the test after five minutes.
func (b *Bulk) WaitFor(t testing.TB, records int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); b.Acknowledged() < records; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_, last := b.Failed()
			t.Fatalf("%d of %d records are acknowledged after five minutes: %v", b.Acknowledged(), records, last)
		}
	}
}

// Wait waits until all is sent.
func (b *Bulk) Wait() { b.done.Wait() }

// Expect waits until all is sent and every acknowledged record is a row, and checks that all were
// acknowledged and that no record is two.
func (b *Bulk) Expect(t testing.TB, db *sql.DB) Result {
	t.Helper()
	result := b.Compare(t, db)
	if result.Acknowledged != b.Records {
		_, last := b.Failed()
		t.Errorf("of %d records, %d were acknowledged; the last other answer: %v", b.Records, result.Acknowledged, last)
	}
	if result.Lost > 0 {
		t.Errorf("of %d acknowledged records, %d have no row", result.Acknowledged, result.Lost)
	}
	if result.Doubled > 0 {
		t.Errorf("%d records are more than one row", result.Doubled)
	}
	if result.Distinct != result.Rows {
		t.Errorf("%d rows have %d different ids", result.Rows, result.Distinct)
	}
	if dead := count(t, db, "activity_log_dead_letter"); dead > 0 {
		t.Errorf("%d dead letters, want none", dead)
	}
	return result
}

// Compare waits until all is sent and every acknowledged record is a row, or no further row comes
// for a minute.
func (b *Bulk) Compare(t testing.TB, db *sql.DB) Result {
	t.Helper()
	b.Wait()
	Await(func() Result {
		if missing := b.Acknowledged() + len(b.Others) - count(t, db, "activity_log"); missing > 0 {
			return Result{Lost: missing}
		}
		return b.compare(t, db) // some rows may be of records without an acknowledgement
	})
	return b.CompareNow(t, db)
}

// CompareNow compares without waiting for rows, where a loss is expected.
func (b *Bulk) CompareNow(t testing.TB, db *sql.DB) Result {
	t.Helper()
	complete := time.Now()
	result := b.compare(t, db)
	result.Complete = complete
	failed, last := b.Failed()
	t.Logf("%d of %d records acknowledged, %d answers were none (the last: %v); %d rows, %d lost, %d doubled",
		result.Acknowledged, b.Records, failed, last, result.Rows, result.Lost, result.Doubled)
	return result
}

// count returns the rows of a table, at least 0: there may be no table yet.
func count(t testing.TB, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Logf("not yet: %v", err)
		return 0
	}
	return n
}

// compare reads all rows once.
func (b *Bulk) compare(t testing.TB, db *sql.DB) (result Result) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT CAST(event_id AS CHAR(36)), object_id FROM activity_log") // a UUID in some databases
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen, ids := make([]uint8, b.Records), map[string]struct{}{}
	for ; rows.Next(); result.Rows++ {
		var id string
		var object sql.NullString
		if err := rows.Scan(&id, &object); err != nil {
			t.Fatal(err)
		}
		if b.Others[id] {
			result.Rows--
			continue
		}
		ids[id] = struct{}{}
		var n int
		if _, err := fmt.Sscan(object.String, &n); err != nil || n < b.First || n >= b.First+b.Records {
			t.Errorf("a row of an object that nobody sent: %q", object.String)
			continue
		}
		if _, want := Moment(n); id != want {
			t.Errorf("the row of object %d has the id %s, want %s", n, id, want)
		}
		n -= b.First
		if seen[n]++; seen[n] == 2 {
			result.Doubled++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	result.Distinct, result.Acknowledged = len(ids), b.Acknowledged()
	for n, times := range seen {
		if times == 0 && b.acked[n/b.Request].Load() {
			result.Lost++
		}
	}
	return result
}
