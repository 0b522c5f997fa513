package drivers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// scanFrom goes on after each of the rows, in both orders.
func scanFrom(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		want := sorted(rows, order)
		for i := 0; i < len(want); i += 97 {
			var got []reader.Row
			for row, err := range r.ScanAfter(t.Context(), reader.Query{}, order, want[i].Cursor(order)) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row)
			}
			same(t, fmt.Sprint("after row ", i), got, want[i+1:])
		}
		other := map[reader.Order]reader.Order{reader.NewestFirst: reader.OldestFirst, reader.OldestFirst: reader.NewestFirst}[order]
		for _, cursor := range []reader.Cursor{"nonsense", want[0].Cursor(other)} {
			for _, err := range r.ScanAfter(t.Context(), reader.Query{}, order, cursor) {
				if !errors.Is(err, reader.ErrCursor) {
					t.Errorf("%s: got %v", cursor, err)
				}
			}
		}
	}
	n := 0
	for range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) { // the part that was read ahead is thrown away
		if n++; n == 3 {
			break
		}
	}
	for _, err := range r.Scan(t.Context(), reader.Query{Actor: "\x00"}, reader.OldestFirst) {
		if err == nil || !strings.Contains(err.Error(), "NUL") {
			t.Errorf("got %v", err)
		}
	}
}

// TestScanIsInterrupted: a scan whose context ends has an error, so that nobody takes
// what it yielded for all there is.
func TestScanIsInterrupted(t *testing.T) {
	r := largeRows(t, 12_000, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var failed error
	for _, err := range r.Scan(ctx, reader.Query{}, reader.OldestFirst) {
		if failed = err; err == nil {
			n++
		}
		if n == 700 {
			cancel()
		}
	}
	if !errors.Is(failed, context.Canceled) || n >= 12_000 {
		t.Errorf("after %d rows: got %v", n, failed)
	}
}

// TestScanMemory: rows that are suddenly large are read in small parts.
func TestScanMemory(t *testing.T) {
	r := largeRows(t, 1500, 100_000) // the first 1000 are small
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	var most uint64
	for _, err := range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
	}
	if n != 1500 || most > 40<<20 { // all of them are 50 MB
		t.Errorf("%d rows, %d MiB", n, most>>20)
	}
}

// largeRows returns a reader of n rows, of which those after the thousandth have so many
// bytes of data.
func largeRows(t *testing.T, n, size int) *reader.Reader {
	t.Helper()
	db := sqlite(t)
	db.create(t)
	rows := make([]reader.Row, n)
	for i := range rows {
		rows[i] = row(begin.Add(time.Duration(i) * time.Second))
		if i >= 1000 {
			rows[i].Data = json.RawMessage(`{"a":"` + strings.Repeat("x", size) + `"}`)
		}
	}
	db.write(t, rows...)
	r, err := drivers.Open(t.Context(), "sqlite", db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}
