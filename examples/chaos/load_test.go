// Package chaos_test does to the real collector what happens to collectors:
// its database is away, it is killed, its senders repeat themselves. What it
// acknowledged must be a row, and nothing may be two.
package chaos_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/collectortest"
)

// Bounds of the load: senders, records in a request, and pause of each sender.
const (
	senders = 4
	records = 50
	pause   = 10 * time.Millisecond
)

type (
	object = map[string]any
	list   = []any
)

func text(key, value string) object {
	return object{"key": key, "value": object{"stringValue": value}}
}

// attributes are those of an activity on the object n. Without an id the
// collector has to make one.
func attributes(n int, id string) list {
	all := list{
		text(activity.ActionTypeKey, "Update"),
		text(activity.ActorIDKey, fmt.Sprint(n%7)),
		text(activity.ObjectTypeKey, "article"),
		text(activity.ObjectIDKey, fmt.Sprint(n)),
	}
	if id != "" {
		all = append(all, text(activity.IDKey, id))
	}
	return all
}

// logsRequest is an OTLP/JSON request of the activities from..from+count-1, as
// log records; every second one has an id.
func logsRequest(from, count int) object {
	all := list{}
	for n := from; n < from+count; n++ {
		at, id := moment(n)
		if n%2 == 0 {
			id = ""
		}
		all = append(all, object{
			"timeUnixNano": fmt.Sprint(at.UnixNano()),
			"eventName":    activity.EventName,
			"body":         object{"stringValue": fmt.Sprint("activity ", n)},
			"attributes":   attributes(n, id),
		})
	}
	return object{"resourceLogs": list{object{"scopeLogs": list{object{"logRecords": all}}}}}
}

// tracesRequest is the same activities as spans, with the same ids; those that
// have an id.
func tracesRequest(from, count int) object {
	all := list{}
	for n := from; n < from+count; n++ {
		if n%2 == 0 {
			continue
		}
		at, id := moment(n)
		all = append(all, object{
			"traceId":           fmt.Sprintf("%032x", n+1),
			"spanId":            fmt.Sprintf("%016x", n+1),
			"name":              "PATCH /articles/{id}",
			"kind":              2,
			"startTimeUnixNano": fmt.Sprint(at.UnixNano()),
			"endTimeUnixNano":   fmt.Sprint(at.Add(time.Millisecond).UnixNano()),
			"attributes":        attributes(n, id),
		})
	}
	return object{"resourceSpans": list{object{"scopeSpans": list{object{"spans": all}}}}}
}

var epoch = time.Now().Add(-time.Hour)

// moment is when activity n took place, and the id that its service gave it.
func moment(n int) (time.Time, string) {
	at := epoch.Add(time.Duration(n) * time.Microsecond)
	return at, activity.HashID(at, fmt.Append(nil, n)).String()
}

// post sends a request of OTLP/JSON; nil is an acknowledgement.
func post(ctx context.Context, address, signal string, request object) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return postBytes(ctx, address, signal, "application/json", body)
}

func postBytes(ctx context.Context, address, signal, kind string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // as SDKs do
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/"+signal, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", kind)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, answer)
	}
	return nil
}

// load is senders that go on until they are stopped, and know what was
// acknowledged. Like an SDK they send again, once, what was not.
type load struct {
	next   atomic.Int64
	mu     sync.Mutex
	acked  map[int]bool // by the first activity of a request
	failed int
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startLoad(c *collectortest.Collector) *load {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	l := &load{acked: map[int]bool{}, cancel: cancel}
	for range senders {
		l.done.Go(func() {
			for ctx.Err() == nil {
				from := int(l.next.Add(records)) - records
				// Not ctx: a request is finished, so that we know its answer.
				err := post(context.Background(), c.HTTP, "logs", logsRequest(from, records))
				if err != nil {
					time.Sleep(100 * time.Millisecond)
					err = post(context.Background(), c.HTTP, "logs", logsRequest(from, records))
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

// stop ends the load and returns how many records were acknowledged.
func (l *load) stop() int {
	l.cancel()
	l.done.Wait()
	return l.acknowledged()
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked) * records
}

// expect waits until every acknowledged record is a row, and checks that no
// record is two.
func (l *load) expect(t *testing.T, db *sql.DB) {
	t.Helper()
	if l.acknowledged() < 1000 {
		t.Fatalf("only %d records were acknowledged (%d requests failed): too few to tell", l.acknowledged(), l.failed)
	}
	var missing, doubled int
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		missing, doubled = l.compare(t, db)
		if missing == 0 || time.Now().After(deadline) {
			break
		}
	}
	if missing > 0 {
		t.Errorf("of %d acknowledged records, %d are no rows", l.acknowledged(), missing)
	}
	if doubled > 0 {
		t.Errorf("%d records are more than one row", doubled)
	}
	t.Logf("%d records acknowledged, %d requests failed", l.acknowledged(), l.failed)
}

func (l *load) compare(t *testing.T, db *sql.DB) (missing, doubled int) {
	t.Helper()
	seen := counts(t, db)
	for _, n := range seen {
		if n > 1 {
			doubled++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for from := range l.acked {
		for n := from; n < from+records; n++ {
			if seen[fmt.Sprint(n)] == 0 {
				missing++
			}
		}
	}
	return missing, doubled
}

// counts returns how many rows there are of each object.
func counts(t *testing.T, db *sql.DB) map[string]int {
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

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
