package dialecttest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// builtCounts: the counts are turned on for a table with rows while others write to it,
// one of which does not know of it.
func builtCounts(t *testing.T, h Harness) {
	h.Counts = false
	dsn := h.New(t)
	plain := h.open(t, dsn, nil)
	plain.write(mixed(5000)...)
	h.Counts = true
	o := h.open(t, dsn, nil)
	o.write(mixed(100)...)
	if state := o.countsState(); state != "" || !strings.Contains(strings.Join(o.log.notes, ""), "counts --rebuild") {
		t.Errorf("the state of the counts is %q, and the notes are %q", state, o.log.notes)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range []*opened{plain, o, h.open(t, dsn, nil)} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					s.writeUntil(mixed(200)...)
				}
			}
		})
	}
	for range 3 {
		time.Sleep(200 * time.Millisecond)
		n, err := o.BuildCounts(t.Context())
		if err != nil || n < 5100 {
			t.Errorf("counted %d rows: %v", n, err)
		}
		if o.countsState() != dialect.CountsUsable {
			t.Errorf("the state of the counts is %q", o.countsState())
		}
	}
	if err := o.Maintain(t.Context()); err != nil { // from now on it counts
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	close(stop)
	wg.Wait()
	if n := o.counts(); n < 6000 {
		t.Errorf("%d rows, want more", n)
	}
}

// builtTogether: of several who count all rows at the same time, some fail, and the counts
// are those of one of them.
func builtTogether(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	o.write(mixed(4000)...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 4 {
				if _, err := o.BuildCounts(t.Context()); err != nil && o.h.Dialect.Goose() == "sqlite3" {
					t.Error(err) // there, one waits for the other
				}
			}
		})
	}
	wg.Wait()
	o.counts()
}

// unusableCounts: a count that did not end is not used, nor is one that was turned off.
func unusableCounts(t *testing.T, h Harness) {
	dsn := h.New(t)
	o := h.open(t, dsn, nil)
	o.write(mixed(1000)...)
	o.exec("UPDATE activity_log_counts_state SET state = 'building'")
	next := h.open(t, dsn, nil)
	o.unchecked, next.unchecked = true, true
	next.write(mixed(10)...)
	if state := next.countsState(); state != dialect.CountsBuilding {
		t.Errorf("the state is %q", state)
	}
	if err := o.RemoveCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.write(mixed(10)...) // still counts
	next.exec("DELETE FROM activity_log WHERE object_id LIKE '1%'")
	if _, err := next.BuildCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.write(mixed(10)...)
	next.exec("DELETE FROM activity_log WHERE object_id LIKE '2%'")
	o.counts()
	if o.h.Dialect.Goose() == "postgres" {
		o.exec("TRUNCATE activity_log")
		if state := o.countsState(); state != dialect.CountsBroken {
			t.Errorf("the state after TRUNCATE is %q", state)
		}
	}
	o.exec("DELETE FROM activity_log_counts_state;\nDROP TABLE activity_log_counts_state")
	if state := o.countsState(); state != "" {
		t.Errorf("the state without a table is %q", state)
	}
}

// DropsWithCounts drops a partition of a table with each state of the counts, which may
// change at any moment. There is a count that is replaced, and a row that is kept.
func DropsWithCounts(t *testing.T, h Harness) {
	for state, want := range map[string]string{"": "", dialect.CountsBuilding: dialect.CountsBroken, dialect.CountsUsable: dialect.CountsUsable} {
		t.Run("counts: "+state, func(t *testing.T) {
			dsn := h.New(t)
			o := h.open(t, dsn, nil)
			rows := mixed(2)
			for i := range rows {
				rows[i].ID = activity.NewIDAt(dialect.PartitionMonth.Add(time.Now(), -1).AddDate(0, 0, 1+i))
			}
			if err := o.Maintain(t.Context()); err != nil { // makes the partition of the last month
				t.Fatal(err)
			}
			o.write(rows...)
			o.exec("INSERT INTO activity_log_counts (hour, action_type, status, n) SELECT date_trunc('hour', action_time), action_type, status, 1 FROM activity_log;" +
				"UPDATE activity_log SET recorded_at = now() + interval '1 day' WHERE event_id = (SELECT min(event_id::text) FROM activity_log)::uuid")
			if state != "" {
				o.exec("INSERT INTO activity_log_counts_state (id, state, build) VALUES (1, '" + state + "', 'one')")
			}
			other := h.open(t, dsn, func(cfg *store.Config) { cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = 1, true, 1 })
			for range 2 {
				other.maintain()
			}
			if len(other.log.dropped) == 0 {
				t.Fatal("no partition was dropped")
			}
			o.expect(1, "SELECT count(*) FROM activity_log")
			if got := o.countsState(); got != want {
				t.Errorf("the state is %q, want %q", got, want)
			}
			if state != "" {
				o.counts()
				return
			}
			o.expect(0, "SELECT count(*) FROM activity_log_counts")
			if _, err := o.BuildCounts(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.counts()
		})
	}
}
