package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// silent is an observer that needs to know nothing.
type silent struct{ Observer }

func (silent) Wrote(context.Context, int, int, time.Duration) {}
func (silent) Noted(context.Context, string, error)           {}

func newCounted(t *testing.T, dsn string, create bool) *Store {
	t.Helper()
	s, err := Open(Config{Dialect: dialect.SQLite{}, DSN: dsn, Table: "activity_log", CreateSchema: create, Counts: create, MaxIdleConns: 1}, silent{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func writeOne(t *testing.T, s *Store) {
	t.Helper()
	r := row.Row{ID: activity.NewID()}
	r.Text[row.ActionType], r.Text[row.Status], r.Text[row.Source], r.Text[row.Data] = "Read", "Success", "explicit", "{}"
	if err := s.Write(t.Context(), []row.Row{r}); err != nil {
		t.Fatal(err)
	}
}

// A store that may only insert counts too, remembers nothing that it never uses, and finds
// out that counts were turned off.
func TestCountsTurnedOff(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "activity.db")
	owner := newCounted(t, dsn, true)
	if err := owner.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newCounted(t, dsn, false)
	writeOne(t, s)
	if !s.counting.Load() || s.unfolded.n+len(s.unfolded.hours) != 0 {
		t.Errorf("counting: %v, and %d counts are to be folded; want true and none", s.counting.Load(), s.unfolded.n)
	}
	writeOne(t, owner)
	if owner.unfolded.n != 1 {
		t.Errorf("%d counts of the owner are to be folded, want 1", owner.unfolded.n)
	}
	if err := owner.RemoveCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.looked.Add(-int64(lookIfOff / 2))
	writeOne(t, s)
	if !s.counting.Load() {
		t.Error("it was looked for counts before the time")
	}
	s.looked.Add(-int64(lookIfOff / 2))
	writeOne(t, s)
	if s.counting.Load() {
		t.Error("an hour later, it still counts")
	}
	var n int
	if err := owner.db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log_counts").Scan(&n); err != nil || n != 0 {
		t.Errorf("there are %d counts, which are off: %v", n, err)
	}
}

// A fold holds only so much text, whatever senders call their tenants.
func TestFoldIsBounded(t *testing.T) {
	s := newCounted(t, filepath.Join(t.TempDir(), "activity.db"), true)
	writeOne(t, s)
	hour := time.Now().UTC().Truncate(time.Hour)
	for range 2 {
		if _, err := s.db.ExecContext(t.Context(), "WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 300) "+
			"INSERT INTO activity_log_counts (hour, tenant_id, action_type, status, n) SELECT ?, i || printf('%.*c', 60000, 'x'), 'Read', 'Success', 1 FROM i",
			s.counter().CountHour(hour)); err != nil {
			t.Fatal(err)
		}
	}
	err := s.within(t.Context(), func(_ *sql.Conn, tx *sql.Tx) error {
		ids, sums, err := s.sumHour(t.Context(), tx, s.counter(), hour)
		if most := foldBytes/60_000 + 1; len(ids) < 100 || len(ids) > most+1 || len(sums) > most+1 {
			t.Errorf("read %d counts of %d keys, want about %d", len(ids), len(sums), most)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A question that fails for another reason than a missing right changes nothing.
func TestCountsUnknown(t *testing.T) {
	s := newCounted(t, filepath.Join(t.TempDir(), "activity.db"), true)
	writeOne(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.look(ctx); !errors.Is(err, context.Canceled) || !s.counting.Load() {
		t.Errorf("got %v, and counting is %v", err, s.counting.Load())
	}
}
