package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
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

// noting is an observer that keeps messages.
type noting struct {
	silent
	said *[]string
}

func (n noting) Noted(_ context.Context, message string, err error) {
	if err != nil {
		message += " (" + err.Error() + ")"
	}
	*n.said = append(*n.said, message)
}

// The log says why counts: true has no effect, and what to do.
func TestWhyCountsAreUnused(t *testing.T) {
	const off = "UPDATE activity_log_counts_state SET state = 'x'; DELETE FROM activity_log_counts_state"
	for name, test := range map[string]struct {
		before string
		create bool
		want   string
	}{
		"off, without create_schema": {off, false, "they are off, and with create_schema: false the exporter does not turn them on. Run \"activitylog counts --rebuild\"."},
		"off, with rows": {off + "; INSERT INTO activity_log (event_id, action_time, action_type, status, source, data) " +
			"VALUES ('01939f3e-6b00-7000-8000-000000000001', '2026-11-27 08:00:00.000000', 'Read', 'Success', 'explicit', '{}')", true, "they are off, and there are rows that were not counted. Run"},
		"building":        {"UPDATE activity_log_counts_state SET state = 'building'", true, "somebody counts all rows now, or was interrupted."},
		"broken":          {"UPDATE activity_log_counts_state SET state = 'broken'", true, "something has changed that could not be counted. Run"},
		"an older schema": {"DROP TABLE activity_log_counts_state", false, "its schema has no table for them. Run \"activitylog schema apply\""},
		"not to be read": {"DROP TABLE activity_log_counts_state; CREATE VIEW activity_log_counts_state AS SELECT 1 AS id, abs(-9223372036854775808) AS state",
			true, "It is not known whether activity_log has counts (counts: true), because that could not be read. Rows are written. (read the state of the counts: "},
		"usable":        {"SELECT 1", false, ""},
		"off and empty": {off, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := filepath.Join(t.TempDir(), "activity.db")
			owner := newCounted(t, dsn, true)
			if err := owner.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := owner.db.ExecContext(t.Context(), test.before); err != nil {
				t.Fatal(err)
			}
			said := prepared(t, Config{Dialect: dialect.SQLite{}, DSN: dsn, CreateSchema: test.create})
			if (said == "") != (test.want == "") || !strings.Contains(said, test.want) {
				t.Errorf("got %q", said)
			}
		})
	}
}

// prepared prepares a store with counts: true, and returns what the log says.
func prepared(t *testing.T, cfg Config) string {
	t.Helper()
	var said []string
	cfg.Table, cfg.Counts, cfg.MaxIdleConns = "activity_log", true, 1
	s, err := Open(cfg, noting{said: &said})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Prepare(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
	return strings.Join(said, "\n")
}

// beaten cannot turn counts on, after another collector has left them in a state.
type beaten struct {
	dialect.SQLite
	state string
}

func (b beaten) BuildCounts(string) dialect.CountBuild {
	return dialect.CountBuild{Lock: []string{
		"INSERT INTO activity_log_counts_state (id, state, build) SELECT 1, '" + b.state + "', 'theirs' WHERE '" + b.state + "' <> ''",
		"SELECT no_such_function()",
	}, Back: "ROLLBACK"}
}

// Of several collectors that start together, one turns the counts on. The others do not say
// that rows are not counted.
func TestCountsTurnedOnByAnother(t *testing.T) {
	for state, want := range map[string]string{
		dialect.CountsUsable:   "",
		dialect.CountsBuilding: "are not used (counts: true): somebody counts all rows now",
		"":                     "Rows are not counted (counts: true), because the counts could not be turned on.",
	} {
		said := prepared(t, Config{Dialect: beaten{state: state}, DSN: filepath.Join(t.TempDir(), "activity.db"), CreateSchema: true})
		if (said == "") != (want == "") || !strings.Contains(said, want) || want != "" && !strings.Contains(said, "no_such_function") {
			t.Errorf("%q: got %q", state, said)
		}
	}
}
