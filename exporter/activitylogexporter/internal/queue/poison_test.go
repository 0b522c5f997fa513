package queue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var errPoison = errors.New("the database refuses this batch")

func refusePoison(remarks string) error {
	if strings.HasPrefix(remarks, "poison") {
		return errPoison
	}
	return nil
}

// TestPoisonedBatchesHoldNobody has as many batches that fail for ever as there
// are consumers, and twice as many.
func TestPoisonedBatchesHoldNobody(t *testing.T) {
	for _, consumers := range []int{1, 4} {
		for _, slow := range []time.Duration{0, 50 * time.Millisecond} {
			t.Run(fmt.Sprint(consumers, " consumers, ", slow), func(t *testing.T) {
				db := newDatabase()
				db.refuse, db.slow = refusePoison, slow
				cfg := config(t.TempDir())
				cfg.Consumers = consumers
				q, s := open(t, cfg, db)
				for i := range 2 * consumers {
					add(t, q, fmt.Sprint("poison", i), 100)
					time.Sleep(10 * time.Millisecond) // in batches of their own
				}
				for i := range 200 {
					add(t, q, fmt.Sprint("honest", i), 10)
					time.Sleep(2 * time.Millisecond)
				}
				begin := time.Now()
				wait(t, "the honest rows", patience, func() bool { return db.count() == 2000 })
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("the last honest rows took %v", took)
				}
				wait(t, "nothing in the queue but poison", patience, func() bool { return q.Stats().Records == uint64(2*consumers) })
				wait(t, "the requests to be reported", patience, func() bool { n, _ := q.Retrying(); return n > 0 })
				if s.sees(func() bool { return s.database != nil }) {
					t.Errorf("the database is said to be away: %v", s.database)
				}
				db.set(func(d *database) { d.refuse = nil })
				wait(t, "the others, once the database takes them", 20*time.Second, func() bool { return db.count() == 2000+200*consumers })
			})
		}
	}
}

// TestPoisonIsFoundInAMergedBatch has one bad request among many that were
// written together with it.
func TestPoisonIsFoundInAMergedBatch(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	q, _ := open(t, config(t.TempDir()), db)
	for i := range 64 {
		name := fmt.Sprint("honest", i)
		if i == 37 {
			name = "poison"
		}
		add(t, q, name, 1)
	}
	db.set(func(d *database) { d.away, d.refuse = nil, refusePoison })
	wait(t, "the 63 others", patience, func() bool { return db.count() == 63 })
	wait(t, "one request left", patience, func() bool { return q.Stats().Records == 1 })
	stop(t, q, 0)
	for name, n := range db.rows {
		if n != 1 {
			t.Errorf("%s was written %d times", name, n)
		}
	}
}

// TestDatabaseThatIsAwayIsAskedByOne counts what reaches a database that is away.
func TestDatabaseThatIsAwayIsAskedByOne(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	q, s := open(t, config(t.TempDir()), db)
	for i := range 200 {
		add(t, q, fmt.Sprint(i), 1000)
	}
	time.Sleep(1500 * time.Millisecond)
	db.set(func(d *database) {
		if d.writes > 4 || d.readies > 4+8 {
			t.Errorf("a database that is away got %d writes and %d questions in 1.5 s", d.writes, d.readies)
		}
	})
	if s.sees(func() bool { return s.database == nil }) {
		t.Error("the observer does not know")
	}
	db.set(func(d *database) { d.away = nil })
	begin := time.Now()
	wait(t, "the first rows", 2*time.Second, func() bool { return db.count() > 0 })
	t.Logf("the first rows came %v after the database", time.Since(begin))
	wait(t, "all rows", patience, func() bool { return db.count() == 200_000 })
	if s.sees(func() bool { return s.database != nil }) {
		t.Errorf("the observer still hears that it is away: %v", s.database)
	}
}

// TestDatabaseThatRefusesEverything is ready, and fails all batches.
func TestDatabaseThatRefusesEverything(t *testing.T) {
	db := newDatabase()
	db.refuse = func(string) error { return errPoison }
	q, s := open(t, config(t.TempDir()), db)
	for i := range 100 {
		add(t, q, fmt.Sprint(i), 1000)
	}
	wait(t, "the observer to know", patience, func() bool { return s.sees(func() bool { return s.database != nil }) })
	db.set(func(d *database) { d.refuse = nil })
	wait(t, "all rows", patience, func() bool { return db.count() == 100_000 })
}

// TestPoisonDoesNotKeepSegments fills a small queue with honest requests while
// one fails for ever: its segment must not stay for ever.
func TestPoisonDoesNotKeepSegments(t *testing.T) {
	db := newDatabase()
	db.refuse = refusePoison
	cfg := config(t.TempDir())
	cfg.MaxBytes = 1 << 20
	cfg.MaxBackoff = 100 * time.Millisecond
	q, _ := open(t, cfg, db)
	for i := range 28 { // each in a segment of its own
		for j := range 8 {
			name := fmt.Sprintf("neighbour%d,%d", i, j)
			n := 300
			if j == 0 {
				name, n = fmt.Sprint("poison", i), 10
			}
			wait(t, name, patience, func() bool { return q.AddLogs(t.Context(), logs(name, n)) == nil })
		}
		wait(t, "the neighbours", patience, func() bool { return db.count() == (i+1)*2100 })
	}
	wait(t, "failures", 20*time.Second, func() bool { n, _ := q.Retrying(); return n == 28 })
	before := q.Stats()
	for i := range 400 {
		name := fmt.Sprint("honest", i)
		wait(t, name, patience, func() bool { return q.AddLogs(t.Context(), logs(name, 100)) == nil })
	}
	wait(t, "the honest rows", patience, func() bool { return db.count() == 28*2100+40_000 })
	wait(t, "a queue with space", 5*time.Second, func() bool { return q.Stats().Bytes < before.MaxBytes*3/4 })
	t.Logf("%d of %d bytes before, %d after", before.Bytes, before.MaxBytes, q.Stats().Bytes)
	db.set(func(d *database) { d.refuse = nil })
	wait(t, "the others", 10*time.Second, func() bool { return db.count() == 28*2100+40_000+280 })
	stop(t, q, time.Second)
	for name, n := range db.rows {
		if n != 1 {
			t.Errorf("%s was written %d times", name, n)
		}
	}
}
