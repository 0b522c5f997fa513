package queue

import (
	"context"
	"time"

	"github.com/otelactivity/activitylog/internal/seglog"
)

// item is a request on its way to the database.
type item struct {
	head
	seq     uint64
	payload []byte
}

// batch is requests that are written together.
type batch struct {
	items   []item
	records int
	unnamed int // of the records, as of the last try; see row.Batch
	bytes   int
	suspect *suspect // what it is of; nil when it is tried for the first time
}

func (b *batch) add(it item) {
	b.items = append(b.items, it)
	b.records += it.records
	b.bytes += it.bodyBytes
}

// gather returns the next batch, or nil when there is none and the queue is
// being drained, or ctx ends.
func (q *Queue) gather() *batch {
	select {
	case q.gathering <- struct{}{}:
		defer func() { <-q.gathering }()
	case <-q.ctx.Done():
		return nil
	}
	for q.ctx.Err() == nil {
		ctx, cancel := context.WithCancel(q.ctx)
		q.mu.Lock()
		q.interrupt = cancel
		var chosen *suspect
		var due time.Time
		if q.isDraining() {
			chosen = q.suspects.last()
		} else {
			chosen, due = q.suspects.choose(time.Now(), q.mostSuspects())
		}
		doubt := q.doubt != nil
		q.mu.Unlock()
		if chosen != nil {
			cancel()
			if b := q.readAgain(chosen); b != nil {
				return b
			}
			continue
		}
		if doubt {
			cancel()
			return nil
		}
		b := q.fresh(ctx, due)
		cancel()
		if b != nil || q.isDraining() {
			return b
		}
	}
	return nil
}

// fresh makes a batch of requests that were not tried before. It returns nil
// when there is none until ctx ends, or until due if that is not zero.
func (q *Queue) fresh(ctx context.Context, due time.Time) *batch {
	b := &batch{}
	if !due.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, due)
		defer cancel()
	}
	if !q.isDraining() {
		if !q.take(q.waiting(ctx), b) {
			return nil
		}
		flush, cancel := context.WithTimeout(q.ctx, q.cfg.FlushTimeout)
		defer cancel()
		for q.fits(b) && b.records < q.cfg.MinRows && !q.isDraining() && q.take(q.waiting(flush), b) {
		}
	}
	for q.fits(b) && q.take(q.log.TryNext, b) {
	}
	if len(b.items) == 0 {
		return nil
	}
	return b
}

// fits reports whether another request may be added.
func (q *Queue) fits(b *batch) bool {
	if len(q.held) > 0 {
		h := q.held[0]
		return len(b.items) == 0 || b.records+h.records <= q.cfg.MaxRows && b.bytes+h.bodyBytes <= q.cfg.MaxBatchBytes
	}
	return b.records < q.cfg.MaxRows && b.bytes < q.cfg.MaxBatchBytes
}

// source returns the next record on disk, or false.
type source func() (seglog.Record, bool)

// waiting is the source that waits for a record until ctx ends.
func (q *Queue) waiting(ctx context.Context) source {
	return func() (seglog.Record, bool) {
		rec, err := q.log.Next(ctx)
		return rec, err == nil
	}
}

// take adds the next request to b, or holds it if it does not fit. It returns
// false when there is none.
func (q *Queue) take(next source, b *batch) bool {
	it, ok := q.read(next)
	if !ok {
		return false
	}
	if len(b.items) > 0 && (b.records+it.records > q.cfg.MaxRows || b.bytes+it.bodyBytes > q.cfg.MaxBatchBytes) {
		q.held = append(q.held, it)
		return true // and fits is false now
	}
	b.add(it)
	return true
}

// read returns the next request that is readable and not a suspect.
func (q *Queue) read(next source) (item, bool) {
	if len(q.held) > 0 {
		it := q.held[0]
		q.held = q.held[1:]
		return it, true
	}
	for {
		rec, ok := next()
		if !ok {
			return item{}, false
		}
		h, err := decodeHead(rec.Payload)
		if err != nil {
			q.setAside(item{seq: rec.Seq, payload: rec.Payload}, err)
			continue
		}
		it := item{head: h, seq: rec.Seq, payload: rec.Payload}
		q.mu.Lock()
		known := q.suspects.returned(it)
		q.mu.Unlock()
		if !known {
			return it, true
		}
	}
}

// readAgain reads the requests of a suspect from disk. It returns nil when they
// are gone, which is when they are damaged.
func (q *Queue) readAgain(s *suspect) *batch {
	wanted := make(map[uint64]bool, len(s.seqs))
	for _, seq := range s.seqs {
		wanted[seq] = true
		q.log.Nack(seq, 0)
	}
	b := &batch{suspect: s}
	for len(b.items) < len(s.seqs) {
		rec, ok := q.log.TryNext()
		if !ok {
			break
		}
		h, err := decodeHead(rec.Payload)
		it := item{head: h, seq: rec.Seq, payload: rec.Payload}
		switch {
		case err != nil:
			q.setAside(it, err)
		case wanted[rec.Seq]:
			b.add(it)
		default: // one of ours was damaged, and this is the next fresh one
			q.held = append(q.held, it)
			s.seqs = s.seqs[:len(s.seqs)-1]
		}
	}
	if len(b.items) == 0 {
		q.mu.Lock()
		q.suspects.running--
		q.suspects.forget(s)
		q.mu.Unlock()
		return nil
	}
	return b
}
