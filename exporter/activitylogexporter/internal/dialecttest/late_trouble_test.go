package dialecttest_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// reading is a transaction that has a snapshot, for which each new index waits.
func reading(t *testing.T, dsn string) (end func()) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(t.Context(), "SELECT 1").Scan(&n); err != nil { // no table: it would be locked
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		_ = tx.Rollback()
		_ = db.Close()
	})
}

// waitsForReader waits until an index is made that waits for [reading].
func waitsForReader(t *testing.T, dsn string) {
	t.Helper()
	testserver.Eventually(t, 30*time.Second, func() bool {
		return count(t, dsn, "pg_stat_progress_create_index WHERE phase LIKE 'waiting%'") > 0
	}, "an index that waits")
}

// makingLate is a table whose late indexes a collector makes at this moment, and which waits for
// a reader until end is called. What the collector's maintenance returns is then sent to done.
func makingLate(t *testing.T) (dsn string, s *store.Store, done <-chan error, end func()) {
	t.Helper()
	dsn = postgresHarness(pgtest.Start(t)).New(t)
	past(t, monthly, dsn)
	end = reading(t, dsn)
	t.Cleanup(end)
	s, _ = openLate(t, late, dsn, nil)
	result := make(chan error, 1)
	go func() { result <- s.Maintain(t.Context()) }()
	waitsForReader(t, dsn)
	return dsn, s, result, end
}

// nextTurnsOn checks that the table still has its indexes, and that a collector that starts
// now makes late ones in their place.
func nextTurnsOn(t *testing.T, dsn string) {
	t.Helper()
	if got := lateOf(t, dsn)["activity_log"]; got != whole {
		t.Errorf("the table has %q, want %q", got, whole)
	}
	s, _ := openLate(t, late, dsn, nil)
	maintain(t, s)
	wantLate(t, dsn, "", own, "")
}

// An index that was not finished is made again. While one is made, everything else goes
// on, and no other is made.
func TestLateIndexesInterrupted(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, monthly, dsn)
	end := reading(t, dsn)
	defer end()
	s, _ := openLate(t, late, dsn, func(cfg *store.Config) { cfg.MaxOpenConns = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { failed <- s.Maintain(ctx) }()
	waitsForReader(t, dsn)
	if err := s.Write(t.Context(), dialecttest.Rows(100)); err != nil { // by its one connection
		t.Fatal(err)
	}
	other, seen := openLate(t, late, dsn, nil)
	began := time.Now()
	maintain(t, other) // partitions, for example
	if took := time.Since(began); took > 5*time.Second || seen.made() != 0 {
		t.Errorf("another collector took %v, and made %q", took, seen.sentences)
	}
	if has, err := other.Late(t.Context()); err != nil || !has.Building {
		t.Errorf("got %+v, %v, want it to be building", has, err)
	}
	if err := other.EndLate(t.Context()); err == nil || !strings.Contains(err.Error(), "at this moment") {
		t.Errorf("turned off meanwhile: got %v", err)
	}
	cancel()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "make the index activity_log_p") {
		t.Errorf("got %v", err)
	}
	testserver.Eventually(t, 30*time.Second, func() bool { return count(t, dsn, "pg_stat_progress_create_index") == 0 }, "the server ends the index")
	broken := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	if got := lateOf(t, dsn)[broken]; got != "actor broken actor part trace part" {
		t.Errorf("%s has %q, want an unfinished index", broken, got)
	}
	maintain(t, s) // which tries again in an hour
	end()
	nextTurnsOn(t, dsn)
}

// A partition that is dropped while indexes are made, by the retention of another collector,
// is not missed.
func TestLateIndexesOfDroppedPartition(t *testing.T) {
	t.Parallel()
	dsn, s, done, end := makingLate(t)
	execute(t, dsn, "DROP TABLE "+dialect.PartitionMonth.Add(time.Now(), -5).Format("activity_log_p20060102"))
	end()
	if err := <-done; err != nil {
		t.Errorf("got %v", err)
	}
	if has, err := s.Late(t.Context()); err != nil || !has.On || len(has.Missing)+len(has.Twice) > 0 {
		t.Errorf("got %+v, %v", has, err)
	}
}

// A partition whose index is being made cannot be dropped by the retention of another
// collector, which tries again later. Nobody who writes waits for that.
func TestLateIndexesAndRetention(t *testing.T) {
	t.Parallel()
	dsn, s, done, end := makingLate(t)
	began, begin, over := time.Now(), dialect.PartitionMonth.Add(time.Now(), -1), dialect.PartitionMonth.Floor(time.Now())
	dropped := make(chan error, 1)
	go func() {
		db, err := sql.Open("pgx", dsn)
		if err == nil {
			drop := monthly.DropCountedPartition("activity_log", begin.Format("activity_log_p20060102"), begin, over, over)
			_, err = db.ExecContext(t.Context(), "BEGIN;"+strings.Join(drop, ";")+";COMMIT")
			_ = db.Close()
		}
		dropped <- err
	}()
	for len(dropped) == 0 {
		wrote := time.Now()
		if err := s.Write(t.Context(), dialecttest.Rows(10)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(wrote); took > 2*time.Second {
			t.Errorf("a write took %v", took)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := <-dropped; err == nil || !strings.Contains(err.Error(), "lock timeout") || time.Since(began) < 2*time.Second {
		t.Errorf("dropped after %v: %v", time.Since(began), err)
	}
	end()
	if err := <-done; err != nil {
		t.Errorf("got %v", err)
	}
	wantLate(t, dsn, "", own, "")
}

// Late indexes that were to be turned on, and were not until the end, go when they are turned
// off: finished ones, and the one that is not.
func TestLateIndexesTurnedOffBeforeOn(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, monthly, dsn)
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	before := dialect.PartitionMonth.Add(time.Now(), -2).Format("activity_log_p20060102")
	execute(t, dsn, "CREATE INDEX "+last+"_actor ON "+last+" (actor_id, action_time)", "CREATE INDEX "+before+"_trace ON "+before+" USING hash (trace_id)",
		"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"+before+"_trace'::regclass")
	s, seen := openLate(t, monthly, dsn, nil)
	if has, err := s.Late(t.Context()); err != nil || has.On || !slices.Equal(has.Twice, []string{last + "_actor", before + "_trace"}) {
		t.Errorf("got %+v, %v", has, err)
	}
	if err := s.EndLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLate(t, dsn, whole, part, part)
	if has, err := s.Late(t.Context()); err != nil || has.On || len(has.Twice) > 0 || seen.made() > 0 {
		t.Errorf("got %+v, %v, and %d new indexes", has, err, seen.made())
	}
}

// beginsLate is a dialect with which another collector makes a partition between the moment
// at which the partitions are listed and the one at which the table's index is begun.
type beginsLate struct {
	dialect.Postgres
	begin time.Time
}

func (b beginsLate) BeginWhole(table, kind string) (statements []string) {
	if kind == "actor" {
		statements = b.AddPartition(table, b.begin, dialect.PartitionMonth.Add(b.begin, 1))
	}
	return append(statements, b.Postgres.BeginWhole(table, kind)...)
}

func TestLateIndexesTurnedOffWithNewPartition(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, late, dsn)
	begin := dialect.PartitionMonth.Add(time.Now(), 9)
	s, _ := openLate(t, beginsLate{monthly, begin}, dsn, nil)
	if err := s.EndLate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if has, err := s.Late(t.Context()); err != nil || has.On || len(has.Unwhole) > 0 {
		t.Errorf("got %+v, %v", has, err)
	}
	if got := lateOf(t, dsn)[begin.Format("activity_log_p20060102")]; got != part {
		t.Errorf("the new partition has %q, want %q", got, part)
	}
}

// What a collector that was killed still makes, or what somebody makes by hand, is waited
// for, and the index of the table stays until then.
func TestLateIndexesBeingMade(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, monthly, dsn)
	end := reading(t, dsn)
	defer end()
	partition := dialect.PartitionMonth.Add(time.Now(), -2).Format("activity_log_p20060102")
	made := make(chan struct{})
	go func() {
		defer close(made)
		execute(t, dsn, "CREATE INDEX CONCURRENTLY "+partition+"_actor ON "+partition+" (actor_id, action_time)")
	}()
	waitsForReader(t, dsn)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s, _ := openLate(t, late, dsn, nil)
	_ = s.Maintain(ctx) // waits for the same snapshot
	end()
	<-made
	nextTurnsOn(t, dsn)
}

// An account that may not make indexes is told so, and writes on.
func TestLateIndexesDenied(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	dsn := h.New(t)
	past(t, monthly, dsn)
	execute(t, dsn, "CREATE ROLE writer LOGIN PASSWORD '"+pgtest.Password+"'", "GRANT ALL ON ALL TABLES IN SCHEMA public TO writer",
		"GRANT CREATE ON SCHEMA public TO writer")
	s, _ := openLate(t, late, strings.Replace(dsn, "activity:", "writer:", 1), nil)
	err := s.Maintain(t.Context())
	if err == nil || !strings.Contains(err.Error(), `only the owner of activity_log may make and drop its indexes: run "activitylog schema apply"`) {
		t.Errorf("got %v", err)
	}
	maintain(t, s) // it is not said each minute
	if err := s.Write(t.Context(), dialecttest.Rows(100)); err != nil {
		t.Fatal(err)
	}
	if err := s.EndLate(t.Context()); err == nil || !strings.Contains(err.Error(), "only the owner") {
		t.Errorf("got %v", err)
	}
	wantLate(t, dsn, whole, part, part)
}

// A pooler in transaction mode, transactions that always have a snapshot, and a schema.
func TestLateIndexesElsewhere(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	pooled := server.Pooler(t).DSN()
	h := postgresHarness(server)
	for name, through := range map[string]func(dsn string) string{
		"pgbouncer": func(dsn string) string {
			_, database, _ := strings.Cut(strings.TrimPrefix(dsn, "postgres://"), "/")
			return strings.Replace(pooled, "/postgres?sslmode=disable", "/"+database, 1)
		},
		"serializable": func(dsn string) string { return dsn + "&default_transaction_isolation=serializable" },
	} {
		t.Run(name, func(t *testing.T) {
			dsn := h.New(t)
			past(t, monthly, dsn)
			s, _ := openLate(t, late, through(dsn), nil)
			maintain(t, s)
			wantLate(t, dsn, "", own, "")
			if err := s.EndLate(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantLate(t, dsn, whole, part, part)
		})
	}
	t.Run("schema", func(t *testing.T) {
		dsn := h.New(t)
		execute(t, dsn, "CREATE SCHEMA audit")
		for _, d := range []dialect.Postgres{monthly, late} {
			s, seen := openLate(t, d, dsn, func(cfg *store.Config) { cfg.Table = "audit.activity_log" })
			if err := s.Write(t.Context(), monthRows(60)); err != nil {
				t.Fatal(err)
			}
			maintain(t, s)
			if want := map[bool]int{true: 4}[d.LateIndexes]; seen.made() != want { // of the last month and of the default partition
				t.Errorf("%d indexes were made, want %d: %q", seen.made(), want, seen.sentences)
			}
		}
		if n := count(t, dsn, "pg_indexes WHERE schemaname = 'audit' AND indexname IN ('activity_log_actor_idx', 'activity_log_trace_idx')"); n != 0 {
			t.Errorf("the table has %d of its indexes", n)
		}
		s, _ := openLate(t, monthly, dsn, func(cfg *store.Config) { cfg.Table = "audit.activity_log" })
		if err := s.EndLate(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if n := count(t, server.DSN(), "pg_locks WHERE locktype = 'advisory'"); n != 0 {
		t.Errorf("%d advisory locks are left", n)
	}
}
