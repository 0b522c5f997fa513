package seglog

import (
	"context"
	"math"
	"slices"
	"time"
)

// Record is a record that was read.
type Record struct {
	Seq     uint64    // identifies the record for Ack and Nack
	Time    time.Time // when it was appended
	Payload []byte
}

// flight is a record that was handed out and is not acknowledged.
type flight struct {
	seg    *segment
	off    int64
	time   time.Time
	waits  bool // for its retry
	length uint32
}

// retry is a record that will be handed out again.
type retry struct {
	due time.Time
	seq uint64
}

// Next returns the next record, in the order of appending. Records of [Log.Nack] come
// first as soon as they are due. It blocks until there is a record, ctx ends, or the log
// is closed.
func (l *Log) Next(ctx context.Context) (Record, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Record{}, err
		}
		rec, state, wait := l.tryNext()
		switch state {
		case stateRecord:
			return rec, nil
		case stateClosed:
			return Record{}, ErrClosed
		case stateAgain:
			continue
		}
		if err := wait.wait(ctx); err != nil {
			return Record{}, err
		}
	}
}

// TryNext is like [Log.Next] and does not block: false means that there is no
// record now.
func (l *Log) TryNext() (Record, bool) {
	for {
		rec, state, _ := l.tryNext()
		if state != stateAgain {
			return rec, state == stateRecord
		}
	}
}

type state int

const (
	stateWait state = iota
	stateRecord
	stateAgain
	stateClosed
)

// pause is what a reader waits for.
type pause struct {
	readable <-chan struct{}
	due      time.Duration
}

func (p pause) wait(ctx context.Context) error {
	timer := time.NewTimer(p.due)
	defer timer.Stop()
	select {
	case <-p.readable:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (l *Log) tryNext() (Record, state, pause) {
	l.readMu.Lock()
	defer l.readMu.Unlock()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return Record{}, stateClosed, pause{}
	}
	wait := pause{readable: l.readable.Wait(), due: math.MaxInt64}
	if len(l.again) > 0 {
		first := l.again[0]
		if wait.due = time.Until(first.due); wait.due <= 0 {
			l.again = l.again[1:]
			f, ok := l.flights[first.seq]
			l.mu.Unlock()
			if !ok || !f.waits {
				return Record{}, stateAgain, wait
			}
			rec, st := l.reread(first.seq, f)
			return rec, st, wait
		}
	}
	ready := l.moveCursor()
	l.mu.Unlock()
	if !ready {
		return Record{}, stateWait, wait
	}
	rec, st := l.readNext()
	return rec, st, wait
}

// moveCursor moves the cursor to a segment with records to read, and returns false if
// there is no such segment. It is called with readMu and mu held.
func (l *Log) moveCursor() bool {
	for _, s := range l.segs {
		switch {
		case s.gone || l.at != nil && s.first < l.at.first:
			continue
		case s != l.at:
			l.at, l.cursor = s, s.scanner()
		case s.size != l.cursor.limit || s.end() != l.cursor.end:
			l.cursor.limit, l.cursor.end = s.size, s.end()
		}
		if l.cursor.off < s.size || s.sealed && l.cursor.seq < s.end() {
			return true
		}
	}
	return false
}

// readNext reads one step at the cursor. Called with readMu held.
func (l *Log) readNext() (Record, state) {
	s, c := l.at, l.cursor
	seq := c.seq
	f, err := c.next()
	switch {
	case err != nil: // the segment ends before its last record
		c.seq = c.end
		l.skip(s, Event{Kind: KindMissing, File: l.segPath(s), Offset: c.off}, seq, c.end-seq)
		return Record{}, stateAgain
	case f.damage:
		missing := f.missing
		if c.off == c.limit { // and all that should be there
			missing, c.seq = c.end-seq, c.end
		}
		e := Event{Kind: KindDamaged, File: l.segPath(s), Offset: f.off, Bytes: f.bytes}
		e.SavedTo = l.setAside(s, f.off, f.bytes)
		l.skip(s, e, seq, missing)
		return Record{}, stateAgain
	}
	return l.handOut(s, f)
}

// handOut puts a record in flight.
func (l *Log) handOut(s *segment, f found) (Record, state) {
	at := time.Unix(0, f.time)
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.acked.has(f.seq - s.first) {
		return Record{}, stateAgain
	}
	l.flights[f.seq] = flight{seg: s, off: f.off, time: at, length: f.length}
	return Record{Seq: f.seq, Time: at, Payload: append([]byte(nil), f.payload...)}, stateRecord
}

// reread reads a record of [Log.Nack]. It is called with readMu held.
func (l *Log) reread(seq uint64, f flight) (Record, state) {
	scan := &scanner{r: f.seg.f, marker: f.seg.marker, off: f.off, seq: seq, end: seq + 1,
		limit: f.off + recordHeader + int64(f.length)}
	got, err := scan.next()
	if err != nil || got.damage {
		e := Event{Kind: KindDamaged, File: l.segPath(f.seg), Offset: f.off, Bytes: scan.limit - f.off}
		e.SavedTo = l.setAside(f.seg, e.Offset, e.Bytes)
		l.mu.Lock()
		delete(l.flights, seq)
		l.mu.Unlock()
		l.skip(f.seg, e, seq, 1)
		return Record{}, stateAgain
	}
	return l.handOut(f.seg, got)
}

// skip gives up records that cannot be read, and sends an event.
func (l *Log) skip(s *segment, e Event, seq, count uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Records = s.ackAll(seq, count)
	if e.Records > 0 {
		s.acks.acked([]entry{{kind: entryAcked, seq: seq, count: uint32(min(count, math.MaxUint32))}})
	}
	l.lost(e)
	if s.sealed && s.done() {
		l.remove(s)
	}
}

// Ack acknowledges records: they are not read again. Records that are neither in flight nor
// kept are ignored.
func (l *Log) Ack(seqs ...uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	bySegment := make(map[*segment][]entry, 1)
	for _, seq := range seqs {
		f, ok := l.land(seq)
		if !ok {
			continue
		}
		f.seg.ack(seq)
		entries := bySegment[f.seg]
		if n := len(entries); n > 0 && entries[n-1].seq+uint64(entries[n-1].count) == seq {
			entries[n-1].count++
		} else {
			entries = append(entries, entry{kind: entryAcked, count: 1, seq: seq})
		}
		bySegment[f.seg] = entries
	}
	for s, entries := range bySegment {
		l.stats.LastAck = time.Now()
		switch {
		case s.done() && s.sealed:
			l.remove(s)
			continue
		case s.done(): // can be deleted when space is needed
			l.space.Fire()
		}
		s.acks.acked(entries)
	}
}

// Keep notes that records are done, but leaves them in the log until [Log.Ack]. [Log.Nack]
// hands them out again, and so does the next [Open]. Records that are not in flight are
// ignored.
func (l *Log) Keep(seqs ...uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seq := range seqs {
		if f, ok := l.flights[seq]; ok && !f.waits {
			delete(l.flights, seq)
			l.kept[seq] = f
			l.stats.LastAck = time.Now()
		}
	}
}

// land ends the flight of a record, or takes it from those that are kept; false if it is
// neither. It is called with mu held.
func (l *Log) land(seq uint64) (f flight, ok bool) {
	if f, ok = l.flights[seq]; ok {
		delete(l.flights, seq)
		return f, true
	}
	f, ok = l.kept[seq]
	delete(l.kept, seq)
	return f, ok
}

// Nack returns a record to the log: [Log.Next] hands it out again after the delay. Other
// records do not wait for it. Records that are neither in flight nor kept are ignored.
func (l *Log) Nack(seq uint64, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flights[seq].waits || l.closed {
		return
	}
	f, ok := l.land(seq)
	if !ok {
		return
	}
	f.waits = true
	l.flights[seq] = f
	r := retry{due: time.Now().Add(delay), seq: seq}
	at, _ := slices.BinarySearchFunc(l.again, r, func(a, b retry) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1
	})
	l.again = slices.Insert(l.again, at, r)
	l.readable.Fire()
}
