package queue

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// seqs are the requests of a batch.
func (b *batch) seqs() (seqs []uint64) {
	for _, it := range b.items {
		seqs = append(seqs, it.seq)
	}
	return seqs
}

// TestRetryIsOfWhatWasRead has a retry of three requests, of which one cannot be read, or
// before which [Queue.Replay] hands out another. A retry that is not of the same requests as
// its batch would forget some of them until the next start.
func TestRetryIsOfWhatWasRead(t *testing.T) {
	for name, tt := range map[string]struct {
		meanwhile func(*Queue, []uint64)
		retry     []uint64 // of 0 to 3
		fresh     []uint64
	}{
		"all":                  {func(*Queue, []uint64) {}, []uint64{0, 1, 2}, []uint64{3}},
		"the first is gone":    {func(q *Queue, s []uint64) { q.log.Ack(s[0]) }, []uint64{1, 2}, []uint64{3}},
		"the last is gone":     {func(q *Queue, s []uint64) { q.log.Ack(s[2]) }, []uint64{0, 1}, []uint64{3}},
		"all are gone":         {func(q *Queue, s []uint64) { q.log.Ack(s[:3]...) }, nil, []uint64{3}},
		"others come first":    {func(q *Queue, _ []uint64) { q.Replay() }, []uint64{0, 1}, []uint64{4, 2, 3}},
		"others, and one gone": {func(q *Queue, s []uint64) { q.Replay(); q.log.Ack(s[0]) }, []uint64{1, 2}, []uint64{4, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t.TempDir())
			cfg.Keep = time.Hour
			cfg.Consumers = 0 // the test is the only one
			q, _ := open(t, cfg, newDatabase())
			add(t, q, "kept", 10)
			kept := q.freshNow()
			q.stored(kept, 0)
			for range 3 {
				add(t, q, "a", 10)
			}
			b := q.freshNow()
			seqs := append(b.seqs(), b.seqs()[2]+1, kept.items[0].seq)
			r := q.retries.failed(b, errors.New("away"), false, time.Now())
			add(t, q, "new", 10)
			tt.meanwhile(q, seqs)
			q.retries.start(r)

			of := func(numbers []uint64) (found []uint64) {
				for _, n := range numbers {
					found = append(found, seqs[n])
				}
				return found
			}
			again := q.reread(r)
			if len(tt.retry) == 0 && (again != nil || len(q.retries.list) > 0 || q.retries.running != 0) {
				t.Errorf("%+v of %+v: want no retry", again, q.retries)
			}
			if len(tt.retry) > 0 && (!slices.Equal(again.seqs(), of(tt.retry)) || !slices.Equal(r.seqs, of(tt.retry))) {
				t.Errorf("read %v, and the retry is of %v, want %v", again.seqs(), r.seqs, of(tt.retry))
			}
			if want := 10 * len(tt.retry); q.retries.records != want {
				t.Errorf("%d records wait for their retry, want %d", q.retries.records, want)
			}
			if got := q.freshNow(); !slices.Equal(got.seqs(), of(tt.fresh)) {
				t.Errorf("new are %v, want %v", got.seqs(), of(tt.fresh))
			}
		})
	}
}
