package queue

import (
	"time"
)

// Pauses between the checks of an unreachable database.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = time.Second
)

func (q *Queue) hasOutage() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.outage != nil
}

// setOutage makes all consumers except one wait, or continue if err is nil. It is
// called with mu held.
func (q *Queue) setOutage(err error) {
	if q.outage == nil && err == nil {
		return
	}
	q.outage = err
	q.changed.Fire()
	if q.interrupt != nil {
		q.interrupt()
	}
	q.observer.Database(err)
}

// awaitDatabase returns when the database accepts rows again, or ctx ends. One
// consumer probes the database; the others wait for its result.
func (q *Queue) awaitDatabase() {
	q.mu.Lock()
	if q.probing || q.outage == nil {
		changed := q.changed.Wait()
		outage := q.outage
		q.mu.Unlock()
		if outage == nil {
			return
		}
		select {
		case <-changed:
		case <-q.draining:
		case <-q.ctx.Done():
		}
		return
	}
	q.probing = true
	q.mu.Unlock()
	q.probe()
	q.mu.Lock()
	q.probing = false
	q.changed.Fire()
	q.mu.Unlock()
}

// probe checks the database until it is ready. A database that was ready all along
// but rejected every batch must also accept a batch, if there is one.
func (q *Queue) probe() {
	pause, unreachable := firstPause, false
	for fresh := true; !q.isDraining() && q.ctx.Err() == nil; fresh = !fresh {
		err := q.ready()
		switch {
		case err != nil:
			unreachable = true
			q.observer.Database(err)
		case unreachable || q.tried(fresh):
			q.mu.Lock()
			q.setOutage(nil)
			q.streak = 0
			q.mu.Unlock()
			return
		}
		select {
		case <-time.After(pause):
		case <-q.draining:
		case <-q.ctx.Done():
		}
		pause = min(2*pause, maxPause)
	}
}

// tried reports whether the database accepted a batch, or there was no batch.
func (q *Queue) tried(fresh bool) bool {
	b := q.trial(fresh)
	return b == nil || q.attempt(b)
}

// trial returns a batch to try the database with. New batches and retries take
// turns, because the same retry might fail for ever.
func (q *Queue) trial(fresh bool) *batch {
	select {
	case q.gathering <- struct{}{}:
		defer func() { <-q.gathering }()
	case <-q.ctx.Done():
		return nil
	}
	q.mu.Lock()
	many := q.retries.records >= maxRetryRecords
	q.mu.Unlock()
	if fresh && !many {
		if b := q.freshNow(); b != nil {
			return b
		}
	}
	q.mu.Lock()
	r := q.retries.first()
	if r != nil {
		q.retries.start(r)
	}
	q.mu.Unlock()
	if r != nil {
		if b := q.reread(r); b != nil {
			return b
		}
	}
	if many {
		return nil
	}
	return q.freshNow()
}

// freshNow makes a batch of the new requests, without waiting for more.
func (q *Queue) freshNow() *batch {
	b := &batch{}
	for q.fits(b) && q.take(q.log.TryNext, b) {
	}
	if len(b.items) == 0 {
		return nil
	}
	return b
}
