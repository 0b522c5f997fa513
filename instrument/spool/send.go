package spool

import (
	"context"
	"fmt"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// sender is what the sending goroutine knows.
type sender struct {
	*Spool
	limit   int // records of the next batch
	backoff time.Duration
	ending  bool  // Shutdown waits
	held    batch // nobody took it, so it is sent first
	onDisk  bool  // the last batch was
	took    int   // batches that were taken
	parted  int   // what took was when a batch was parted last
	// doubts are records on disk that were refused while nothing was taken,
	// with what took was one more than.
	doubts map[uint64]int
}

// send is the sending goroutine.
func (s *Spool) send() {
	defer close(s.done)
	w := &sender{Spool: s, limit: s.cfg.batchSize, doubts: make(map[uint64]int)}
	ticker := time.NewTicker(s.cfg.batchDelay)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.wake:
		case <-s.stopping:
			w.drain()
			w.release()
			return
		}
		w.sendAll()
	}
}

// sendAll sends batches until nothing is left or Shutdown begins.
func (w *sender) sendAll() {
	for w.next() {
		select {
		case <-w.stopping:
			return
		default:
		}
	}
}

// drain sends what is left until the time of Shutdown is up.
func (w *sender) drain() {
	w.ending, w.backoff = true, 0
	for w.exports.Err() == nil && w.next() {
		continue
	}
}

// release puts a batch that is held back, to be counted or kept.
func (w *sender) release() {
	w.later(w.held, 0)
	w.held = batch{}
}

// next sends one batch, pauses if that did not work, and reports whether there
// was one.
func (w *sender) next() bool {
	b := w.held
	w.held = batch{}
	if b.len() == 0 {
		b = w.take()
	}
	if b.len() == 0 {
		return false
	}
	switch rest, v := w.deliver(b); v {
	case away:
		w.held = rest
		w.pause()
	case unclear:
		w.unclear(rest)
		w.pause()
	default:
		w.limit = min(2*w.limit, w.cfg.batchSize)
		w.backoff = 0
	}
	return true
}

// unclear puts back a batch that failed for a reason that may be one of its
// records. Others go first. If others were taken since the last time, the halves
// of the batch are tried apart, so that in the end the record at fault is alone.
// If none was, it may be the collector, and smaller batches find out.
func (w *sender) unclear(b batch) {
	switch {
	case b.len() == 1:
		w.later(b, w.cfg.unclearDelay)
	case w.took > w.parted:
		w.parted = w.took
		w.part(b, w.cfg.unclearDelay/10)
	default:
		w.limit = max(1, w.limit/2)
		w.later(b, w.cfg.unclearDelay)
	}
}

// take takes a batch from disk and from memory in turn.
func (w *sender) take() (b batch) {
	if w.disk == nil {
		return w.memory.take(w.limit)
	}
	if w.onDisk = !w.onDisk; !w.onDisk {
		if b = w.memory.take(w.limit); b.len() > 0 {
			return b
		}
	}
	b = w.disk.take(w.limit, func(err error) {
		w.finish(1)
		w.drop(Drop{Reason: Unreadable, Count: 1, Err: err})
	})
	for _, d := range w.disk.lost() {
		w.finish(d.Count)
		w.drop(d)
	}
	if b.len() == 0 {
		b = w.memory.take(w.limit)
	}
	return b
}

// pause waits before the next try. The begin of Shutdown ends it.
func (w *sender) pause() {
	w.backoff = min(max(2*w.backoff, w.cfg.minBackoff), w.cfg.maxBackoff)
	timer := time.NewTimer(jitter(w.backoff))
	defer timer.Stop()
	stopping := w.stopping
	if w.ending {
		stopping = nil
	}
	select {
	case <-timer.C:
	case <-stopping:
	case <-w.exports.Done():
	}
}

// maxDoubt is how many records are tried singly before a batch is given up
// for now, of which nothing was taken.
const maxDoubt = 20

// deliver sends a batch, in parts if some of it is refused. It returns what
// was neither taken nor refused for good, and why.
//
// Where nothing of a batch is taken, the refusal may be about something else
// than its records: a server that wants https answers 400 to everything. Such
// records are dropped if they are refused again after others were taken.
func (w *sender) deliver(b batch) (rest batch, v verdict) {
	parts := []batch{b}
	var bad []refusal
	before := w.took
	for len(parts) > 0 {
		part := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		err := w.export(part)
		v, rejected := judge(err)
		switch {
		case v == taken:
			w.took++
			w.finishTaken(part, rejected, err)
		case v == refused && part.len() == 1:
			bad = append(bad, refusal{part, err})
			if len(bad) >= maxDoubt && w.took == before && !w.known(&bad[0].notes[0]) {
				w.doubt(b, err)
				return b, unclear
			}
		case v == refused:
			first, second := part.cut(part.len() / 2)
			parts = append(parts, second, first)
		default:
			w.note(err)
			if w.took == before {
				return b, v
			}
			w.dropRefused(bad)
			// Parts are taken from the front, so what is left is the end of b.
			left := part.len()
			for _, p := range parts {
				left += p.len()
			}
			_, rest = b.cut(b.len() - left)
			return rest, v
		}
	}
	if w.took > before {
		w.dropRefused(bad)
		return batch{}, taken
	}
	for _, r := range bad {
		if w.known(&r.notes[0]) {
			w.dropRefused([]refusal{r})
			continue
		}
		w.doubt(r.batch, r.err)
		rest.add(r.records[0], r.notes[0])
	}
	if rest.len() > 0 {
		return rest, unclear
	}
	return batch{}, taken
}

// refusal is one record that was refused.
type refusal struct {
	batch
	err error
}

// known reports whether the record is refused for what is in it: others were
// taken since it was refused for the first time.
func (w *sender) known(n *note) bool {
	at := n.doubtAt
	if n.seq > 0 {
		at = w.doubts[n.seq]
	}
	return at > 0 && w.took >= at
}

// doubt notes that records were refused, and nothing beside them was taken.
func (w *sender) doubt(b batch, err error) {
	w.note(err)
	for i := range b.notes {
		n := &b.notes[i]
		switch {
		case n.seq == 0 && n.doubtAt == 0:
			n.doubtAt = w.took + 1
		case n.seq > 0 && w.doubts[n.seq] == 0: // notes of those on disk are read again
			w.doubts[n.seq] = w.took + 1
		}
	}
}

func (w *sender) dropRefused(bad []refusal) {
	for _, r := range bad {
		delete(w.doubts, r.notes[0].seq)
		w.drop(Drop{Reason: Refused, Count: 1, Records: []sdklog.Record{r.records[0].Clone()}, Err: r.err})
		w.finishBatch(r.batch)
	}
}

func (w *sender) finishTaken(part batch, rejected int, err error) {
	n := part.len()
	if len(w.doubts) > 0 {
		for i := range part.notes {
			delete(w.doubts, part.notes[i].seq)
		}
	}
	w.finishBatch(part)
	w.metrics.sent(n - rejected)
	if rejected > 0 {
		w.drop(Drop{Reason: Refused, Count: rejected, Err: err})
	}
}

// export calls the exporter, with a bound of time.
func (w *sender) export(part batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the exporter panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(w.exports, w.cfg.exportTimeout)
	defer cancel()
	return w.exporter.Export(ctx, part.records)
}

// later gives a batch back to where it came from.
func (s *Spool) later(b batch, delay time.Duration) {
	if b.onDisk() {
		s.disk.later(b, delay)
	} else {
		s.memory.later(b)
	}
}

// part gives the halves of a batch back, to be sent apart.
func (s *Spool) part(b batch, delay time.Duration) {
	if b.onDisk() {
		s.disk.part(b, delay)
		return
	}
	first, second := b.cut(b.len() / 2)
	s.memory.later(first)
	s.memory.later(second)
}

// finishBatch forgets a batch that is sent or refused.
func (s *Spool) finishBatch(b batch) {
	n := b.len()
	if b.onDisk() {
		s.disk.done(b)
	} else {
		s.memory.done(b)
	}
	s.finish(n)
}

func (b batch) onDisk() bool { return b.len() > 0 && b.notes[0].seq > 0 }

func (s *Spool) finish(n int) {
	s.finished.Add(int64(n))
	s.progress.Lock()
	defer s.progress.Unlock()
	if s.progress.changed != nil {
		close(s.progress.changed)
		s.progress.changed = nil
	}
}
