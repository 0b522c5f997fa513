package queue

import (
	"time"
)

// Pauses between the questions to a database that is away.
const (
	firstPause = 50 * time.Millisecond
	mostPause  = time.Second
)

func (q *Queue) inDoubt() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.doubt != nil
}

// setDoubt makes all consumers but one wait, or, with nil, go on. Called with
// mu held.
func (q *Queue) setDoubt(err error) {
	if q.doubt == nil && err == nil {
		return
	}
	q.doubt = err
	q.changed.Fire()
	if q.interrupt != nil {
		q.interrupt()
	}
	q.observer.Database(err)
}

// settle returns when the database takes rows again, or ctx ends. One consumer
// asks; the others wait for what it finds.
func (q *Queue) settle() {
	q.mu.Lock()
	if q.probing || q.doubt == nil {
		changed := q.changed.Wait()
		doubt := q.doubt
		q.mu.Unlock()
		if doubt == nil {
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

// probe asks until the database is ready. If it was ready all the time, and took
// nothing, it must have taken a batch, if there is one.
func (q *Queue) probe() {
	pause, away := firstPause, false
	for fresh := true; !q.isDraining() && q.ctx.Err() == nil; fresh = !fresh {
		err := q.ready()
		switch {
		case err != nil:
			away = true
			q.observer.Database(err)
		case away || q.tried(fresh):
			q.mu.Lock()
			q.setDoubt(nil)
			q.streak = 0
			q.mu.Unlock()
			return
		}
		select {
		case <-time.After(pause):
		case <-q.draining:
		case <-q.ctx.Done():
		}
		pause = min(2*pause, mostPause)
	}
}

// tried reports whether the database took a batch, or there was none.
func (q *Queue) tried(fresh bool) bool {
	b := q.trial(fresh)
	return b == nil || q.attempt(b)
}

// trial returns a batch to try the database with: a fresh one or a suspect in
// turn, since a suspect alone might fail for ever.
func (q *Queue) trial(fresh bool) *batch {
	select {
	case q.gathering <- struct{}{}:
		defer func() { <-q.gathering }()
	case <-q.ctx.Done():
		return nil
	}
	q.mu.Lock()
	many := q.suspects.records >= maxSuspectRecords
	q.mu.Unlock()
	if fresh && !many {
		if b := q.freshNow(); b != nil {
			return b
		}
	}
	q.mu.Lock()
	s := q.suspects.first()
	if s != nil {
		q.suspects.start(s)
	}
	q.mu.Unlock()
	if s != nil {
		if b := q.readAgain(s); b != nil {
			return b
		}
	}
	if many {
		return nil
	}
	return q.freshNow()
}

// freshNow makes a batch of what is there.
func (q *Queue) freshNow() *batch {
	b := &batch{}
	for q.fits(b) && q.take(q.log.TryNext, b) {
	}
	if len(b.items) == 0 {
		return nil
	}
	return b
}
