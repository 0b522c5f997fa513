package load

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// Bounds of the load: senders, records in a request, and pause of each sender.
const (
	senders = 4
	records = 50
	pause   = 10 * time.Millisecond
)

// Load is senders that go on until they are stopped, and know what was
// acknowledged. Like an SDK they send again, once, what was not.
type Load struct {
	next   atomic.Int64
	mu     sync.Mutex
	acked  map[int]bool // by the first activity of a request
	failed int
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start starts the senders, which end by themselves after two minutes.
func Start(c *collectortest.Collector) *Load {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	l := &Load{acked: map[int]bool{}, cancel: cancel}
	for range senders {
		l.done.Go(func() {
			for ctx.Err() == nil {
				from := int(l.next.Add(records)) - records
				// Not ctx: a request is finished, so that we know its answer.
				err := Post(context.Background(), c.HTTP, "logs", LogsRequest(from, records))
				if err != nil {
					time.Sleep(100 * time.Millisecond)
					err = Post(context.Background(), c.HTTP, "logs", LogsRequest(from, records))
				}
				l.mu.Lock()
				if err == nil {
					l.acked[from] = true
				} else {
					l.failed++
				}
				l.mu.Unlock()
				time.Sleep(pause)
			}
		})
	}
	return l
}

// Stop ends the load and returns how many records were acknowledged.
func (l *Load) Stop() int {
	l.cancel()
	l.done.Wait()
	return l.Acknowledged()
}

// Acknowledged returns how many records were acknowledged so far.
func (l *Load) Acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked) * records
}

// Expect waits until every acknowledged record is a row, and checks that no
// record is two.
func (l *Load) Expect(t testing.TB, db *sql.DB) Result {
	t.Helper()
	if l.Acknowledged() < 1000 {
		t.Fatalf("only %d records were acknowledged (%d requests failed): too few to tell", l.Acknowledged(), l.failed)
	}
	result := Await(func() Result { return l.compare(t, db) })
	if result.Lost > 0 {
		t.Errorf("of %d acknowledged records, %d have no row", result.Acknowledged, result.Lost)
	}
	if result.Doubled > 0 {
		t.Errorf("%d records are more than one row", result.Doubled)
	}
	t.Logf("%d records acknowledged, %d requests failed", result.Acknowledged, l.failed)
	return result
}

// compare counts the acknowledged records that have no row, and the objects
// that have more than one.
func (l *Load) compare(t testing.TB, db *sql.DB) (result Result) {
	t.Helper()
	seen := Counts(t, db)
	for _, n := range seen {
		result.Rows += n
		if n > 1 {
			result.Doubled++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	result.Acknowledged = len(l.acked) * records
	for from := range l.acked {
		for n := from; n < from+records; n++ {
			if seen[fmt.Sprint(n)] == 0 {
				result.Lost++
			}
		}
	}
	result.Complete = time.Now()
	return result
}

// Counts returns how many rows there are of each object.
func Counts(t testing.TB, db *sql.DB) map[string]int {
	t.Helper()
	seen := map[string]int{}
	rows, err := db.QueryContext(t.Context(), "SELECT object_id, count(*) FROM activity_log GROUP BY object_id")
	if err != nil {
		t.Logf("not yet: %v", err)
		return seen
	}
	defer rows.Close()
	for rows.Next() {
		var object string
		var n int
		if err := rows.Scan(&object, &n); err != nil {
			t.Fatal(err)
		}
		seen[object] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return seen
}

// Open opens a database; driver is sqlite, pgx or mysql.
func Open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
