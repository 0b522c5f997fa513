package queue

import (
	"slices"
	"time"
)

// Delays until a batch that failed is tried again.
const (
	// againSoon is for several requests, of which one may be at fault.
	againSoon = 100 * time.Millisecond
	// againFirst doubles each time that a single request fails, up to againMost
	// or what Config says.
	againFirst = time.Second
	againMost  = time.Minute
	// maxSuspectRecords bounds how many requests are read while none can be
	// written: beyond it only those are tried that have been read.
	maxSuspectRecords = 100_000
)

// suspect is requests that were tried together and failed. It has no payload:
// that is read again from disk.
type suspect struct {
	seqs     []uint64
	keys     []uint64 // of the payloads, by the same index
	records  []int    // likewise
	bytes    []int    // likewise
	failures int      // as a single request
	due      time.Time
	running  bool
	ending   bool  // its last try, before the queue ends, has begun
	err      error // of the last try
}

func (s *suspect) add(it item) {
	s.seqs = append(s.seqs, it.seq)
	s.keys = append(s.keys, it.key)
	s.records = append(s.records, it.records)
	s.bytes = append(s.bytes, it.bodyBytes)
}

func (s *suspect) total() (records int) {
	for _, n := range s.records {
		records += n
	}
	return records
}

// halves splits the requests, so that the one at fault is alone in the end.
func (s *suspect) halves() [2]*suspect {
	m := len(s.seqs) / 2
	part := func(from, to int) *suspect {
		return &suspect{seqs: slices.Clone(s.seqs[from:to]), keys: slices.Clone(s.keys[from:to]),
			records: slices.Clone(s.records[from:to]), bytes: slices.Clone(s.bytes[from:to]), ending: s.ending, err: s.err}
	}
	return [2]*suspect{part(0, m), part(m, len(s.seqs))}
}

// suspects are the batches that failed. Half of the consumers at most try them,
// and at most half of the time, so that they never hold up the others.
type suspects struct {
	most    time.Duration // between tries of one
	list    []*suspect
	running int
	records int                 // of list
	rest    time.Time           // until when the others have their turn
	moved   map[uint64]*suspect // by key: were written at the end of the log again
}

// failed puts a batch at the end of the line. With blame, one of its requests
// is at fault, rather than the database.
func (l *suspects) failed(b *batch, err error, blame bool, now time.Time) *suspect {
	s := b.suspect
	if s == nil {
		s = &suspect{}
		for _, it := range b.items {
			s.add(it)
		}
		l.list = append(l.list, s)
		l.records += s.total()
	}
	s.err, s.running = err, false
	switch {
	case !blame:
		s.due = now
	case len(s.seqs) > 1:
		l.remove(s)
		for _, half := range s.halves() {
			half.due = now.Add(againSoon)
			l.list = append(l.list, half)
			l.records += half.total()
		}
	default:
		s.failures++
		s.due = now.Add(min(againFirst<<min(s.failures-1, 10), l.most))
	}
	return s
}

func (l *suspects) remove(s *suspect) {
	if i := slices.Index(l.list, s); i >= 0 {
		l.list = slices.Delete(l.list, i, i+1)
		l.records -= s.total()
	}
}

// forget removes what is done with.
func (l *suspects) forget(s *suspect) {
	l.remove(s)
	for _, key := range s.keys {
		delete(l.moved, key)
	}
}

// choose returns the suspect that is due for the longest, or when the next one is.
func (l *suspects) choose(now time.Time, most int) (*suspect, time.Time) {
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

// first returns the suspect that is due first, of those that are not tried now.
func (l *suspects) first() (first *suspect) {
	for _, s := range l.list {
		if !s.running && len(s.seqs) > 0 && (first == nil || s.due.Before(first.due)) {
			first = s
		}
	}
	return first
}

// last returns a suspect for its last try, due or not, before the queue ends. Each
// has one: the database may have been away for the others.
func (l *suspects) last() *suspect {
	for _, s := range l.list {
		if !s.running && !s.ending && len(s.seqs) > 0 {
			s.ending = true
			l.start(s)
			return s
		}
	}
	return nil
}

func (l *suspects) start(s *suspect) {
	s.running = true
	l.running++
}

// ended notes that a try took so long. Consumers that are not at suspects have
// their turn all the time, unless there is only one.
func (l *suspects) ended(took time.Duration, now time.Time) {
	l.running--
	l.rest = now.Add(took)
}

// move notes that a single request is at the end of the log now.
func (l *suspects) move(s *suspect) {
	if l.moved == nil {
		l.moved = map[uint64]*suspect{}
	}
	l.moved[s.keys[0]] = s
	s.seqs = s.seqs[:0] // until it is read
}

// returned reports whether a request is one that was moved, and takes it back.
func (l *suspects) returned(it item) bool {
	s, ok := l.moved[it.key]
	if !ok {
		return false
	}
	delete(l.moved, it.key)
	s.seqs = append(s.seqs, it.seq)
	return true
}

// retried returns how many requests failed alone, and the last error.
func (l *suspects) retried() (requests int, err error) {
	for _, s := range l.list {
		if s.failures > 1 {
			requests++
			err = s.err
		}
	}
	return requests, err
}
