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

// batch is a group of requests that are written together.
type batch struct {
	items   []item
	records int
	unnamed int // how many rows of the last try had no action type; see row.Batch
	bytes   int
	moves   int    // of the database, when its last try began
	retry   *retry // nil if the batch is tried for the first time
}

func (b *batch) add(it item) {
	b.items = append(b.items, it)
	b.records += it.records
	b.bytes += it.bodyBytes
}

// gather returns the next batch: a retry that is due, or new requests. It returns
// nil during an outage, when the queue is closed, or when a queue that is being
// drained has no more requests.
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
		var chosen *retry
		var due time.Time
		if q.isDraining() {
			chosen = q.retries.last()
		} else {
			chosen, due = q.retries.choose(time.Now(), q.maxRetrying())
		}
		outage := q.outage != nil
		q.mu.Unlock()
		if chosen != nil {
			cancel()
			if b := q.reread(chosen); b != nil {
				return b
			}
			continue
		}
		if outage {
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

// fresh makes a batch of requests that were not tried before. It returns nil if
// none arrives before ctx ends, or before due if that is not zero.
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

// fits reports whether another request may be added to b.
func (q *Queue) fits(b *batch) bool {
	if len(q.held) > 0 {
		h := q.held[0]
		return len(b.items) == 0 || b.records+h.records <= q.cfg.MaxRows && b.bytes+h.bodyBytes <= q.cfg.MaxBatchBytes
	}
	return b.records < q.cfg.MaxRows && b.bytes < q.cfg.MaxBatchBytes
}

// nextFunc returns the next record of the log, or false.
type nextFunc func() (seglog.Record, bool)

// waiting returns a nextFunc that waits for a record until ctx ends.
func (q *Queue) waiting(ctx context.Context) nextFunc {
	return func() (seglog.Record, bool) {
		rec, err := q.log.Next(ctx)
		return rec, err == nil
	}
}

// take adds the next request to b, or keeps it in held if it does not fit. It
// returns false if next has no request.
func (q *Queue) take(next nextFunc, b *batch) bool {
	it, ok := q.read(next)
	if !ok {
		return false
	}
	if len(b.items) > 0 && (b.records+it.records > q.cfg.MaxRows || b.bytes+it.bodyBytes > q.cfg.MaxBatchBytes) {
		q.held = append(q.held, it)
		return true // and q.fits(b) is false now
	}
	b.add(it)
	return true
}

// read returns the next request that can be decoded and is not a retry.
func (q *Queue) read(next nextFunc) (item, bool) {
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
		known := q.retries.returned(it)
		q.mu.Unlock()
		if !known {
			return it, true
		}
	}
}

// reread reads the requests of a retry from disk. It returns nil if there is none: all are
// damaged, or will come as new ones.
func (q *Queue) reread(r *retry) *batch {
	wanted := make(map[uint64]bool, len(r.seqs))
	for _, seq := range r.seqs {
		wanted[seq] = true
		q.log.Nack(seq, 0)
	}
	b := &batch{retry: r}
	for left := len(r.seqs); len(b.items) < left; {
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
		default: // a request of the retry was damaged, or this is one of Replay
			q.held = append(q.held, it)
			left--
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.retries.found(r, b.items)
	if len(b.items) == 0 {
		q.retries.running--
		q.retries.forget(r)
		return nil
	}
	return b
}
