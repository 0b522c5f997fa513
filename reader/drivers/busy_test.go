package drivers_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/reader"
)

// oneMicrosecond pages through 10,000 rows that have the same time, and tails them.
func oneMicrosecond(t *testing.T, db *database, r *reader.Reader) {
	db.empty(t)
	rows := make([]reader.Row, 10_000)
	for i := range rows {
		rows[i] = row(begin)
	}
	db.write(t, rows...)
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		var got []reader.Row
		p := reader.Paging{Order: order, Limit: 999}
		for n := 0; ; n++ {
			bound(t, n)
			page, err := r.List(t.Context(), reader.Query{}, p)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Rows...)
			if p.Cursor = page.Next; p.Cursor == "" {
				break
			}
		}
		same(t, "pages", got, sorted(rows, order))
	}
	var got []reader.Row
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for row, err := range r.Tail(ctx, reader.Query{}, reader.TailOptions{From: begin}) { // it reads 5000 keys at once
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, row); len(got) == len(rows) {
			break
		}
	}
	same(t, "Tail", got, sorted(rows, reader.OldestFirst))
}

// busy pages and scans while another one writes rows, some of them late. What was there
// at the beginning is seen exactly once, and what came later at most once.
func busy(t *testing.T, db *database, r *reader.Reader) {
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		db.empty(t)
		old := make([]reader.Row, 1000)
		for i := range old {
			old[i] = row(begin.Add(time.Duration(i/3) * time.Second)) // three of each time
		}
		db.write(t, old...)
		stop := db.writeMore(t, func(n int) []reader.Row {
			return []reader.Row{row(begin.Add(time.Duration(n*7%333) * time.Second)), row(begin.Add(time.Duration(1000+n) * time.Second))}
		})
		seen := map[activity.ID]int{}
		p := reader.Paging{Order: order, Limit: 10}
		for n := 0; ; n++ {
			bound(t, n)
			page, err := r.List(t.Context(), reader.Query{To: begin.Add(2000 * time.Second)}, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				seen[row.EventID]++
			}
			if p.Cursor = page.Next; p.Cursor == "" {
				break
			}
		}
		scanned := map[activity.ID]int{}
		for row, err := range r.Scan(t.Context(), reader.Query{}, order) {
			if err != nil {
				t.Fatal(err)
			}
			scanned[row.EventID]++
		}
		more := stop()
		if len(more) == 0 {
			t.Error("nothing was written meanwhile")
		}
		once(t, "pages", seen, old)
		once(t, "scan", scanned, old)
	}
}

// once checks that no row was seen twice, and each of these once.
func once(t *testing.T, what string, seen map[activity.ID]int, rows []reader.Row) {
	t.Helper()
	for id, n := range seen {
		if n > 1 {
			t.Errorf("%s: %s was shown %d times", what, id, n)
		}
	}
	missed := 0
	for _, row := range rows {
		if seen[row.EventID] == 0 {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("%s: %d of %d rows were missed", what, missed, len(rows))
	}
}

// writeMore writes rows until stop is called, which returns what was written.
func (db *database) writeMore(t *testing.T, next func(n int) []reader.Row) (stop func() []reader.Row) {
	ctx, cancel := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	var written []reader.Row
	writing.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			rows := next(n)
			if err := db.insert(t.Context(), rows); err != nil {
				t.Errorf("write: %v", err)
				return
			}
			written = append(written, rows...)
			time.Sleep(2 * time.Millisecond)
		}
	})
	t.Cleanup(func() { cancel(); writing.Wait() })
	return func() []reader.Row {
		cancel()
		writing.Wait()
		return written
	}
}

// tail follows a table to which rows are added, some of them late within the grace.
func tail(t *testing.T, db *database, r *reader.Reader) {
	db.empty(t)
	now := time.Now()
	old := []reader.Row{row(now.Add(-time.Second)), row(now.Add(-time.Hour))}
	db.write(t, old...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen, errs := map[activity.ID]int{}, 0
	var following sync.WaitGroup
	var mu sync.Mutex
	o := reader.TailOptions{Every: 20 * time.Millisecond, Grace: 30 * time.Second}
	following.Go(func() {
		for row, err := range r.Tail(ctx, reader.Query{ActionType: "Read"}, o) {
			mu.Lock()
			if err != nil {
				errs++
				t.Errorf("tail: %v", err)
			} else {
				seen[row.EventID]++
			}
			mu.Unlock()
		}
	})
	saw := func(rows ...reader.Row) bool {
		mu.Lock()
		defer mu.Unlock()
		return !slices.ContainsFunc(rows, func(r reader.Row) bool { return r.ActionType == "Read" && seen[r.EventID] == 0 })
	}
	var first []reader.Row
	testserver.Eventually(t, time.Minute, func() bool { // it has begun: what is there before, it does not yield
		first = append(first, row(time.Now()))
		db.write(t, first[len(first)-1])
		time.Sleep(50 * time.Millisecond)
		return saw(first[len(first)-1])
	})
	stop := db.writeMore(t, func(n int) []reader.Row {
		late := row(time.Now().Add(-time.Duration(n%9) * time.Second))
		other := row(time.Now())
		other.ActionType = "Update"
		return []reader.Row{row(time.Now()), late, other, row(time.Now().Add(3 * time.Second))}
	})
	time.Sleep(time.Second)
	tooLate := row(time.Now().Add(-time.Minute))
	db.write(t, tooLate)
	written := stop()
	testserver.Eventually(t, time.Minute, func() bool { return saw(written...) })
	time.Sleep(200 * time.Millisecond) // for what it must not yield
	cancel()
	following.Wait()
	for _, row := range first {
		delete(seen, row.EventID)
	}
	var want []reader.Row
	for _, row := range written {
		if row.ActionType == "Read" {
			want = append(want, row)
		}
	}
	once(t, "tail", seen, want)
	if len(seen) != len(want) || len(want) == 0 || seen[old[0].EventID] != 0 || seen[tooLate.EventID] != 0 {
		t.Errorf("tail: %d rows, want %d", len(seen), len(want))
	}
	from(t, r, old[1], len(want)+len(first)+3)
}

// from begins at a time, with what is there already.
func from(t *testing.T, r *reader.Reader, first reader.Row, want int) {
	n := 0
	for row, err := range r.Tail(t.Context(), reader.Query{ActionType: "Read"}, reader.TailOptions{From: first.ActionTime}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 && row.EventID != first.EventID {
			t.Errorf("the first row is %s, want %s", row.EventID, first.EventID)
		}
		if n == want {
			break
		}
	}
}
