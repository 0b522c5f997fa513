package queue

import (
	"slices"
	"time"
)

// Delays until a batch that failed is retried.
const (
	// splitBackoff is for each half of a batch of several requests.
	splitBackoff = 100 * time.Millisecond
	// firstBackoff doubles each time that a single request fails, up to maxBackoff
	// or Config.MaxBackoff.
	firstBackoff = time.Second
	maxBackoff   = time.Minute
	// maxRetryRecords limits how many records are read while none can be written.
	// Beyond it, no new batches are tried, only retries.
	maxRetryRecords = 100_000
)

// retry is a group of requests that were tried together and failed. Their payloads
// are not kept in memory: they are read from disk again.
type retry struct {
	seqs     []uint64
	keys     []uint64 // of the payloads, by the same index
	records  []int    // by the same index
	bytes    []int    // by the same index
	failures int      // since it is a single request
	due      time.Time
	running  bool
	ending   bool  // its last try, before the queue is closed, has begun
	err      error // of the last try
}

func (r *retry) add(it item) {
	r.seqs = append(r.seqs, it.seq)
	r.keys = append(r.keys, it.key)
	r.records = append(r.records, it.records)
	r.bytes = append(r.bytes, it.bodyBytes)
}

func (r *retry) total() (records int) {
	for _, n := range r.records {
		records += n
	}
	return records
}

// halves splits the requests, so that one that always fails ends up alone.
func (r *retry) halves() [2]*retry {
	m := len(r.seqs) / 2
	part := func(from, to int) *retry {
		return &retry{seqs: slices.Clone(r.seqs[from:to]), keys: slices.Clone(r.keys[from:to]),
			records: slices.Clone(r.records[from:to]), bytes: slices.Clone(r.bytes[from:to]), ending: r.ending, err: r.err}
	}
	return [2]*retry{part(0, m), part(m, len(r.seqs))}
}

// retries holds the batches that failed. At most half of the consumers try them,
// for at most half of the time, so that they do not delay new requests.
type retries struct {
	most    time.Duration // between tries of one
	list    []*retry
	running int
	records int               // of list
	rest    time.Time         // no retry starts before it
	moved   map[uint64]*retry // by key: requests written to the end of the log again
}

// failed adds a batch that failed. blame means that one of its requests caused the
// error, not the database.
func (l *retries) failed(b *batch, err error, blame bool, now time.Time) *retry {
	r := b.retry
	if r == nil {
		r = &retry{}
		for _, it := range b.items {
			r.add(it)
		}
		l.list = append(l.list, r)
		l.records += r.total()
	}
	r.err, r.running = err, false
	switch {
	case !blame:
		r.due = now
	case len(r.seqs) > 1:
		l.remove(r)
		for _, half := range r.halves() {
			half.due = now.Add(splitBackoff)
			l.list = append(l.list, half)
			l.records += half.total()
		}
	default:
		r.failures++
		r.due = now.Add(min(firstBackoff<<min(r.failures-1, 10), l.most))
	}
	return r
}

func (l *retries) remove(r *retry) {
	if i := slices.Index(l.list, r); i >= 0 {
		l.list = slices.Delete(l.list, i, i+1)
		l.records -= r.total()
	}
}

// forget removes a retry that was written, or whose requests are damaged.
func (l *retries) forget(r *retry) {
	l.remove(r)
	for _, key := range r.keys {
		delete(l.moved, key)
	}
}

// choose starts and returns the retry that is due first, if it is due and fewer
// than most are running; otherwise it returns the time when it should be asked
// again, zero if unknown.
func (l *retries) choose(now time.Time, most int) (*retry, time.Time) {
	if l.running >= most {
		return nil, time.Time{}
	}
	first := l.first()
	if first == nil {
		return nil, time.Time{}
	}
	if due := later(first.due, l.rest); due.After(now) {
		return nil, due
	}
	l.start(first)
	return first, time.Time{}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// first returns the retry that is due first, without those that are running.
func (l *retries) first() (first *retry) {
	for _, r := range l.list {
		if !r.running && len(r.seqs) > 0 && (first == nil || r.due.Before(first.due)) {
			first = r
		}
	}
	return first
}

// last returns a retry, due or not, for its last try before the queue is closed.
// Each retry gets one, because the database may have been unreachable before.
func (l *retries) last() *retry {
	for _, r := range l.list {
		if !r.running && !r.ending && len(r.seqs) > 0 {
			r.ending = true
			l.start(r)
			return r
		}
	}
	return nil
}

// found notes which requests of a retry were read: no others are in its batch.
func (l *retries) found(r *retry, items []item) {
	l.records -= r.total()
	r.seqs, r.keys, r.records, r.bytes = nil, nil, nil, nil
	for _, it := range items {
		r.add(it)
	}
	l.records += r.total()
}

func (l *retries) start(r *retry) {
	r.running = true
	l.running++
}

// ended notes that a try has ended and how long it took. No retry starts for as
// long again, so that a single consumer also writes new requests.
func (l *retries) ended(took time.Duration, now time.Time) {
	l.running--
	l.rest = now.Add(took)
}

// move notes that a request is being written to the end of the log again.
func (l *retries) move(r *retry) {
	if l.moved == nil {
		l.moved = map[uint64]*retry{}
	}
	l.moved[r.keys[0]] = r
	r.seqs = r.seqs[:0] // until it is read there
}

// returned reports whether a request is one that was moved. If so, its retry has
// its new sequence number.
func (l *retries) returned(it item) bool {
	r, ok := l.moved[it.key]
	if !ok {
		return false
	}
	delete(l.moved, it.key)
	r.seqs = append(r.seqs, it.seq)
	return true
}

// retried returns how many requests failed alone, and the last error.
func (l *retries) retried() (requests int, err error) {
	for _, r := range l.list {
		if r.failures > 1 {
			requests++
			err = r.err
		}
	}
	return requests, err
}
