package drivers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// TestTailGoesOn: rows that come while the database is away are not lost, and the loop
// gets the errors.
func TestTailGoesOn(t *testing.T) {
	db := sqlite(t)
	db.create(t)
	r, rec := db.recorded(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	away := errors.New("the database is away")
	wanted := row(time.Now())
	var meanwhile activity.ID
	errs, rows := 0, 0
	timer := time.AfterFunc(300*time.Millisecond, func() {
		if err := db.insert(ctx, []reader.Row{wanted}); err != nil {
			t.Errorf("write: %v", err)
		}
	})
	defer timer.Stop()
	for got, err := range r.Tail(ctx, reader.Query{}, reader.TailOptions{Every: 10 * time.Millisecond, Grace: time.Second}) {
		switch {
		case errors.Is(err, away):
			if errs++; errs == 150 { // for longer than the grace
				rec.fail(nil)
			}
		case err != nil:
			t.Fatal(err)
		case rows == 0:
			if rows++; got.EventID != wanted.EventID {
				t.Fatalf("got %s, want %s", got.EventID, wanted.EventID)
			}
			rec.fail(away)
			other := row(time.Now())
			meanwhile = other.EventID
			db.write(t, other)
		default:
			if got.EventID != meanwhile || errs == 0 {
				t.Errorf("after %d errors: got %s, want %s", errs, got.EventID, meanwhile)
			}
			return
		}
	}
	t.Error("the row that came meanwhile was not yielded")
}

// TestTailLast: the last rows come first, then what is new, late rows among it. Older
// ones do not come.
func TestTailLast(t *testing.T) {
	db := sqlite(t)
	db.create(t)
	r, err := drivers.Open(t.Context(), "sqlite", db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	now := time.Now()
	var rows []reader.Row
	for i := range 9 {
		rows = append(rows, row(now.Add(time.Duration(i-10)*time.Second)))
	}
	db.write(t, rows...)
	late := row(now.Add(-8500 * time.Millisecond))
	fresh := row(now)
	for name, c := range map[string]struct {
		options reader.TailOptions
		first   []reader.Row // that are there already
		then    []reader.Row // that come when these were yielded
	}{
		"last": {reader.TailOptions{Last: 3}, rows[6:], []reader.Row{late, fresh}},
		"from": {reader.TailOptions{From: rows[7].ActionTime}, rows[7:], []reader.Row{fresh}},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.Every = 10 * time.Millisecond
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			var got []reader.Row
			for row, err := range r.Tail(ctx, reader.Query{}, c.options) {
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, row); len(got) == len(c.first) {
					db.write(t, fresh, late)
				}
			}
			same(t, name, got, append(slices.Clone(c.first), c.then...))
			db.exec(t, "DELETE FROM activity_log WHERE event_id IN (?, ?)", fresh.EventID.String(), late.EventID.String())
		})
	}
	for _, err := range r.Tail(t.Context(), reader.Query{}, reader.TailOptions{Last: reader.MaxLimit + 1}) {
		if err == nil || !strings.Contains(err.Error(), "1000") {
			t.Errorf("too many last rows: %v", err)
		}
	}
}
