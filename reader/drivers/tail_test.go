package drivers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
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
