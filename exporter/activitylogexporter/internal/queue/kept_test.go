package queue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// keeping is a queue that keeps what it has written for so long.
func keeping(t *testing.T, keep time.Duration, db *database) (*Queue, *seen) {
	t.Helper()
	cfg := config(t.TempDir())
	cfg.Keep = keep
	return open(t, cfg, db)
}

func (s *seen) sawStored(n int) func() bool {
	return func() bool { return s.sees(func() bool { return s.stored == n }) }
}

// loseAll is a failover to a server without the rows.
func (d *database) loseAll() { d.set(func(d *database) { clear(d.rows) }) }

func TestReplay(t *testing.T) {
	db := newDatabase()
	q, s := keeping(t, time.Hour, db)
	for i := range 20 {
		add(t, q, fmt.Sprint(i), 10)
	}
	wait(t, "the rows", patience, s.sawStored(200))
	if st := q.Stats(); st.Records != 0 || st.Kept != 20 {
		t.Errorf("%+v: want 20 requests that are kept", st)
	}
	for range 2 { // what was written again is kept again
		db.loseAll()
		if n := q.Replay(); n != 200 {
			t.Errorf("%d records are written again, want 200", n)
		}
		wait(t, "the rows", patience, func() bool { return db.count() == 200 })
		wait(t, "all to be kept", patience, func() bool { return q.Stats().Kept == 20 })
	}
	for name, n := range db.rows {
		if n != 1 {
			t.Errorf("%s was written %d times to the new server", name, n)
		}
	}
	if !s.sawStored(200)() {
		t.Errorf("%d records are counted as stored, want each once", s.stored)
	}
}

func TestNothingIsReplayedWithoutKeep(t *testing.T) {
	db := newDatabase()
	q, s := keeping(t, 0, db)
	add(t, q, "a", 10)
	wait(t, "the rows", patience, s.sawStored(10))
	if n := q.Replay(); n != 0 || q.Stats().Kept != 0 {
		t.Errorf("%d records are written again, and %d requests kept", n, q.Stats().Kept)
	}
}

// TestReplayOfWhatIsBeingWritten has a move while a batch is written, maybe to the old
// server.
func TestReplayOfWhatIsBeingWritten(t *testing.T) {
	db := newDatabase()
	db.slow = 200 * time.Millisecond
	q, s := keeping(t, time.Hour, db)
	add(t, q, "a", 1)
	wait(t, "a write", patience, func() bool { db.mu.Lock(); defer db.mu.Unlock(); return db.writes == 1 })
	if n := q.Replay(); n != 0 {
		t.Errorf("%d records are written again, want none yet", n)
	}
	wait(t, "the second write", patience, func() bool { db.mu.Lock(); defer db.mu.Unlock(); return db.rows["a-0"] == 2 })
	wait(t, "it to be kept", patience, func() bool { return q.Stats().Kept == 1 })
	if !s.sawStored(1)() {
		t.Errorf("%d records are counted as stored, want one", s.stored)
	}
}

// TestKeptForALimitedTime checks that nothing is kept for longer while rows are written,
// and that nothing is forgotten while none can be.
func TestKeptForALimitedTime(t *testing.T) {
	const keep = 300 * time.Millisecond
	db := newDatabase()
	q, s := keeping(t, keep, db)
	add(t, q, "old", 1)
	wait(t, "the row", patience, s.sawStored(1))
	time.Sleep(keep + 10*time.Millisecond)
	add(t, q, "new", 1)
	wait(t, "the row", patience, s.sawStored(2))
	wait(t, "the old request to be forgotten", patience, func() bool { return q.Stats().Kept == 1 })

	db.set(func(d *database) { d.away = errors.New("failing over") })
	add(t, q, "meanwhile", 1)
	wait(t, "a failure", patience, func() bool { return s.sees(func() bool { return s.failed > 0 }) })
	time.Sleep(keep + 10*time.Millisecond)
	if n := q.Replay(); n != 1 {
		t.Errorf("%d records are written again after a long failover, want the one of before", n)
	}
	db.set(func(d *database) { d.away = nil })
	wait(t, "the rows", patience, func() bool { return db.count() == 3 })
}

// TestKeptMakesRoom fills a queue that keeps all.
func TestKeptMakesRoom(t *testing.T) {
	db := newDatabase()
	cfg := config(t.TempDir())
	cfg.Keep, cfg.MaxBytes = time.Hour, 4<<20
	q, s := open(t, cfg, db)
	long := strings.Repeat("x", 1000)
	for i := range 200 { // 20 MB
		add(t, q, fmt.Sprint(long, i), 100)
	}
	wait(t, "the rows", patience, s.sawStored(20_000))
	if kept := q.kept.bytes; kept == 0 || kept > cfg.MaxBytes/4 {
		t.Errorf("%d bytes of %d are kept, want some, and at most a quarter", kept, cfg.MaxBytes)
	}
	db.set(func(d *database) { d.away = errors.New("away") })
	for i := range 30 { // more than half of the queue
		add(t, q, fmt.Sprint(long, "away", i), 100)
	}
	if n := s.rejected[ReasonFull]; n != 0 {
		t.Errorf("%d records were rejected because of what is kept", n)
	}
	db.set(func(d *database) { d.away = nil })
	wait(t, "the rows", patience, s.sawStored(23_000))
}

// TestKeptLetsWaitingRequestsIn: a request that waits because the queue is full gets the
// space of the next one that is written, not only that of those above the quarter.
func TestKeptLetsWaitingRequestsIn(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	cfg := config(t.TempDir())
	cfg.Keep, cfg.MaxBytes, cfg.Consumers, cfg.MaxRows = time.Hour, 4<<20, 1, 200
	q, _ := open(t, cfg, db)
	records := fill(t, q)
	q.cfg.FullTimeout = time.Minute
	in := make(chan int)
	go func() {
		add(t, q, "late", 400)
		in <- db.count()
	}()
	wait(t, "a request that waits", 5*time.Second, func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.kept.waiting == 1 })
	db.set(func(d *database) { d.away, d.slow = nil, 5*time.Millisecond })
	if written := <-in; written > records/8 {
		t.Errorf("it was let in after %d of %d records were written", written, records)
	}
	wait(t, "what is written then to be kept", patience, func() bool { return q.Stats().Kept > 0 })
}

func TestKeptIsWrittenAgainAfterARestart(t *testing.T) {
	dir, db := t.TempDir(), newDatabase()
	cfg := config(dir)
	cfg.Keep = time.Hour
	q, s := open(t, cfg, db)
	add(t, q, "a", 10)
	wait(t, "the rows", patience, s.sawStored(10))
	stop(t, q, time.Second)
	db.loseAll()
	open(t, cfg, db)
	wait(t, "the rows", patience, func() bool { return db.count() == 10 })
}
