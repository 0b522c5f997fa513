package dialecttest_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

var (
	monthly = dialect.Postgres{Partition: dialect.PartitionMonth}
	late    = dialect.Postgres{Partition: dialect.PartitionMonth, LateIndexes: true}
)

// notes keeps what stores of several goroutines say.
type notes struct {
	observed
	mu        sync.Mutex
	sentences []string // about routine work
	warnings  []string
}

func (n *notes) Wrote(context.Context, int, int, time.Duration) {}

func (n *notes) Noted(_ context.Context, sentence string, _ error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.warnings = append(n.warnings, sentence)
}

func (n *notes) Did(_ context.Context, sentence string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sentences = append(n.sentences, sentence)
}

// made returns how many indexes were made.
func (n *notes) made() (made int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, sentence := range n.sentences {
		if strings.Contains(sentence, " was made in ") {
			made++
		}
	}
	return made
}

func openLate(t *testing.T, d dialect.Dialect, dsn string, change func(*store.Config)) (*store.Store, *notes) {
	t.Helper()
	cfg, seen := store.Config{Dialect: d, DSN: dsn, Table: "activity_log", CreateSchema: true, MaxIdleConns: 4}, &notes{}
	if change != nil {
		change(&cfg)
	}
	s, err := store.Open(cfg, seen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, seen
}

func maintain(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Maintain(t.Context()); err != nil {
		t.Fatalf("maintain: %v", err)
	}
}

// monthRows are rows of each of the last five months, and of now.
func monthRows(n int) []row.Row {
	rows := dialecttest.Rows(n)
	for i := range rows {
		rows[i].ID = activity.NewIDAt(dialect.PartitionMonth.Add(time.Now(), -(i % 6)).Add(time.Duration(i) * time.Millisecond))
	}
	return rows
}

// months makes the partitions of the last five months.
func months(t *testing.T, dsn string) {
	t.Helper()
	for n := -5; n < -1; n++ {
		begin := dialect.PartitionMonth.Add(time.Now(), n)
		execute(t, dsn, "BEGIN;"+strings.Join(monthly.AddPartition("activity_log", begin, dialect.PartitionMonth.Add(begin, 1)), ";")+";COMMIT")
	}
}

// past is a table of six months with rows, as the dialect makes it.
func past(t *testing.T, d dialect.Dialect, dsn string) (*store.Store, *notes) {
	t.Helper()
	s, seen := openLate(t, d, dsn, nil)
	if err := s.Write(t.Context(), monthRows(6000)); err != nil {
		t.Fatal(err)
	}
	months(t, dsn)
	maintain(t, s)
	return s, seen
}

// lateOf returns the indexes of actors and of traces of the table and of each partition: "own"
// for a late one, "part" for a part of that of the table, "whole" for that; "broken" for
// each that may not be used.
func lateOf(t *testing.T, dsn string) map[string]string {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.QueryContext(t.Context(), `SELECT c.relname, coalesce(string_agg(x.what, ' ' ORDER BY x.what), '')
		FROM pg_class c LEFT JOIN (
			SELECT indrelid, CASE columns WHEN 'trace_id' THEN 'trace ' ELSE 'actor ' END || CASE WHEN NOT indisvalid THEN 'broken'
				WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid) THEN 'part'
				WHEN EXISTS (SELECT FROM pg_class p WHERE p.oid = indexrelid AND relkind = 'I') THEN 'whole' ELSE 'own' END AS what
			FROM pg_index CROSS JOIN LATERAL (SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = indexrelid) AS has
			WHERE columns IN ('actor_id, action_time', 'trace_id') AND indpred IS NULL
		) x ON x.indrelid = c.oid
		WHERE c.relkind IN ('r', 'p') AND c.relname ~ '^activity_log(_p[0-9]+|_default)?$' GROUP BY c.relname`)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	all := map[string]string{}
	for result.Next() {
		var name, what string
		if err := result.Scan(&name, &what); err != nil {
			t.Fatal(err)
		}
		all[name] = what
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// wantLate checks the indexes of the table, of the partitions whose time is over with the
// default one, and of the others.
func wantLate(t *testing.T, dsn, table, closed, open string) {
	t.Helper()
	got, now := lateOf(t, dsn), dialect.PartitionMonth.Floor(time.Now()).Format("activity_log_p20060102")
	if len(got) != 9 { // the table, the default partition, five months, this one and the next
		t.Errorf("there are %d tables, want 9: %q", len(got), slices.Sorted(maps.Keys(got)))
	}
	for name, what := range got {
		want := open
		if name == "activity_log" {
			want = table
		} else if name < now { // also activity_log_default
			want = closed
		}
		if what != want {
			t.Errorf("%s has %q, want %q", name, what, want)
		}
	}
}

const (
	own   = "actor own trace own"
	part  = "actor part trace part"
	whole = "actor whole trace whole"
)

// A table that is new has no index of actors and of traces. Partitions get theirs when
// their time is over, and nothing else is different.
func TestLateIndexes(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	s, seen := past(t, late, dsn)
	wantLate(t, dsn, "", own, "")
	if got := seen.made(); got != 10 { // five months; the default partition was born with its own
		t.Errorf("%d indexes were made, want 10: %q", got, seen.sentences)
	}
	maintain(t, s)
	if got := seen.made(); got != 10 {
		t.Errorf("then %d were made, want no more", got-10)
	}
	rows := monthRows(6000) // late ones, too
	for range 2 {
		if err := s.Write(t.Context(), slices.Clone(rows)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, dsn, "activity_log"); n != 12000 {
		t.Errorf("there are %d rows, want 12000", n)
	}
	execute(t, dsn, "ANALYZE activity_log")
	from := dialect.PartitionMonth.Add(time.Now(), -3)
	for _, where := range []string{"actor_id = '17'", "trace_id = '17'"} {
		got := plan(t, "pgx", dsn, fmt.Sprintf("EXPLAIN SELECT * FROM activity_log WHERE %s AND action_time >= '%s' AND action_time < '%s'",
			where, from.Format(time.RFC3339), dialect.PartitionMonth.Add(from, 1).Format(time.RFC3339)))
		if name := from.Format("activity_log_p20060102_") + where[:5]; !strings.Contains(got, name) {
			t.Errorf("%s does not use %s:\n%s", where, name, got)
		}
	}
	execute(t, dsn, "UPDATE activity_log SET recorded_at = action_time")
	other, _ := openLate(t, late, dsn, func(cfg *store.Config) {
		cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = 70*24*time.Hour, true, 1
	})
	maintain(t, other)
	maintain(t, other)
	if got := lateOf(t, dsn); len(got) > 7 || len(got) < 6 {
		t.Errorf("the retention left %q", got)
	}
}

// A table that had its indexes gets late ones, and back, while others write, and no
// partition whose time is over is without its indexes for a moment.
func TestLateIndexesOnAndOff(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	_, _ = past(t, monthly, dsn)
	wantLate(t, dsn, whole, part, part)
	stop := watchLate(t, dsn)
	for range 2 { // back and forth
		s, seen := openLate(t, late, dsn, nil)
		maintain(t, s)
		wantLate(t, dsn, "", own, "")
		if got := seen.made(); got != 12 {
			t.Errorf("%d indexes were made, want 12: %q", got, seen.sentences)
		}
		if len(seen.warnings) > 0 {
			t.Errorf("routine work is a warning: %q", seen.warnings)
		}
		without, _ := openLate(t, monthly, dsn, nil) // a collector without the setting leaves it
		maintain(t, without)
		wantLate(t, dsn, "", own, "")
		if has, err := without.Late(t.Context()); err != nil || !has.On || len(has.Missing)+len(has.Unwhole) > 0 {
			t.Errorf("got %+v, %v", has, err)
		}
		if err := without.EndLate(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLate(t, dsn, whole, part, part)
		if has, err := without.Late(t.Context()); err != nil || has.On || len(has.Missing)+len(has.Unwhole) > 0 {
			t.Errorf("got %+v, %v", has, err)
		}
		maintain(t, without)
		wantLate(t, dsn, whole, part, part)
	}
	stop()
	begin := dialect.PartitionMonth.Add(time.Now(), 9)
	execute(t, dsn, "BEGIN;"+strings.Join(monthly.AddPartition("activity_log", begin, dialect.PartitionMonth.Add(begin, 1)), ";")+";COMMIT")
	if got := lateOf(t, dsn)[begin.Format("activity_log_p20060102")]; got != part {
		t.Errorf("a new partition has %q, want %q", got, part)
	}
}

// watchLate writes rows, and checks that each write is fast, and that partitions whose
// time is over always have indexes, until stop is called.
func watchLate(t *testing.T, dsn string) (stop func()) {
	t.Helper()
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		s, _ := openLate(t, monthly, dsn, nil)
		for n := 0; ; n++ {
			select {
			case <-end:
				if n < 5 {
					t.Errorf("%d batches were written meanwhile", n)
				}
				return
			default:
			}
			began := time.Now()
			if err := s.Write(t.Context(), dialecttest.Rows(100)); err != nil {
				t.Errorf("write: %v", err)
				return
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("a write took %v", took)
			}
		}
	})
	wg.Go(func() {
		closed := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
		for {
			select {
			case <-end:
				return
			case <-time.After(10 * time.Millisecond):
			}
			if got := lateOf(t, dsn)[closed]; !strings.Contains(got, "actor own") && !strings.Contains(got, "actor part") {
				t.Errorf("%s has %q for a moment", closed, got)
				return
			}
		}
	})
	return func() {
		close(end)
		wg.Wait()
	}
}

// The longest name of a table, with partitions by day: no name of an index is cut off, so
// none is taken. Indexes that the owner made count.
func TestLateIndexesNames(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	table := strings.Repeat("a", 46)
	daily := dialect.Postgres{Partition: dialect.PartitionDay}
	named := func(cfg *store.Config) { cfg.Table = table }
	s, _ := openLate(t, daily, dsn, named)
	if err := s.Write(t.Context(), dialecttest.Rows(10)); err != nil {
		t.Fatal(err)
	}
	maintain(t, s)
	byHand := table + dialect.PartitionDay.Add(time.Now(), -1).Format("_p20060102")
	execute(t, dsn, "CREATE INDEX by_hand ON "+byHand+" (actor_id, action_time) WITH (fillfactor = 70)")
	execute(t, dsn, "CREATE INDEX of_some ON "+byHand+" USING hash (trace_id) WHERE actor_id IS NULL") // is another one
	for range 2 {
		d := daily
		d.LateIndexes = true
		on, seen := openLate(t, d, dsn, named)
		maintain(t, on)
		if has, err := on.Late(t.Context()); err != nil || !has.On || len(has.Missing) > 0 {
			t.Errorf("got %+v, %v", has, err)
		}
		if n := seen.made(); n < 3 || n > 4 { // of yesterday, if not by hand, and of the default partition
			t.Errorf("%d indexes were made: %q", n, seen.sentences)
		}
		if n := count(t, dsn, "pg_indexes WHERE indexname ~ '_(actor|trace)$' AND length(indexname) BETWEEN 60 AND 63"); n < 3 {
			t.Errorf("%d indexes have the names that they should have", n)
		}
		if err := on.EndLate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if has, err := on.Late(t.Context()); err != nil || has.On || len(has.Unwhole) > 0 {
			t.Errorf("got %+v, %v", has, err)
		}
		if n := count(t, dsn, "pg_index WHERE NOT indisvalid"); n != 0 {
			t.Errorf("%d indexes are not whole", n)
		}
	}
}

// An index of the owner that has more than the columns, or has them in another order, is not
// taken for a late one. One that only includes more is.
func TestLateIndexesOfOwner(t *testing.T) {
	t.Parallel()
	dsn := postgresHarness(pgtest.Start(t)).New(t)
	s, _ := past(t, late, dsn)
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	execute(t, dsn, "DROP INDEX "+last+"_actor")
	for _, columns := range []string{
		"actor_id, lower(object_id), action_time", "actor_id, object_id DESC, action_time", "actor_id, object_id text_pattern_ops, action_time",
		`actor_id, object_id COLLATE "C", action_time`, "actor_id, action_time, status", "actor_id, action_time DESC", "action_time, actor_id",
	} {
		execute(t, dsn, "CREATE INDEX other ON "+last+" ("+columns+")")
		if has, err := s.Late(t.Context()); err != nil || !slices.Equal(has.Missing, []string{last + "_actor"}) {
			t.Errorf("with an index of (%s): got %+v, %v; want %s to be missing", columns, has, err, last+"_actor")
		}
		execute(t, dsn, "DROP INDEX other")
	}
	execute(t, dsn, "CREATE INDEX other ON "+last+" (actor_id, action_time) INCLUDE (status)")
	if has, err := s.Late(t.Context()); err != nil || len(has.Missing) > 0 {
		t.Errorf("got %+v, %v; want none to be missing", has, err)
	}
}

// The indexes can be listed while some of them are made and dropped.
func TestLateIndexesListedMeanwhile(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	s, _ := past(t, monthly, dsn)
	begin := dialect.PartitionMonth.Add(time.Now(), 9)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 30 {
			execute(t, dsn, "BEGIN;"+strings.Join(monthly.AddPartition("activity_log", begin, dialect.PartitionMonth.Add(begin, 1)), ";")+";COMMIT",
				begin.Format("DROP TABLE activity_log_p20060102"))
		}
	}()
	for {
		if _, err := s.Late(t.Context()); err != nil {
			t.Errorf("got %v", err)
		}
		select {
		case <-ended:
			return
		default:
		}
	}
}

// Many collectors make each index once.
func TestLateIndexesByMany(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, monthly, dsn)
	var all []*notes
	var wg sync.WaitGroup
	for range 4 {
		s, seen := openLate(t, late, dsn, nil)
		all = append(all, seen)
		wg.Go(func() {
			for range 5 { // one that finds another at work leaves it to them
				if err := s.Maintain(t.Context()); err != nil {
					t.Errorf("maintain: %v", err)
				}
			}
		})
	}
	wg.Wait()
	wantLate(t, dsn, "", own, "")
	made := 0
	for _, seen := range all {
		made += seen.made()
	}
	if made != 12 {
		t.Errorf("%d indexes were made, want 12", made)
	}
}

// What is true of tables with partitions is true of those with late indexes.
func TestPostgresLateIndexes(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Dialect = late
	for _, rule := range []string{
		"partitions are made ahead and dropped whole", "what is older than the retention goes", "the schema may be made by many at once",
		"the schema is brought on from each older version", "a row that is there is neither doubled nor changed", "the right to insert is enough",
	} {
		dialecttest.RunRule(t, h, rule)
	}
}
