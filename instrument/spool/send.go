package spool

import (
	"context"
	"fmt"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// sender is the state of the sending goroutine.
type sender struct {
	*Spool
	limit   int // records of the next batch
	backoff time.Duration
	ending  bool  // Shutdown waits
	held    batch // was not accepted, so it is sent first
	onDisk  bool  // the last batch was from disk
	sent    int   // batches that were accepted
	parted  int   // the value of sent when a batch was parted the last time
	// rejectedAt is note.rejectedAt of records on disk, by sequence number.
	rejectedAt map[uint64]int
}

// send is the sending goroutine.
func (s *Spool) send() {
	defer close(s.done)
	w := &sender{Spool: s, limit: s.cfg.batchSize, rejectedAt: make(map[uint64]int)}
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

// drain sends the remaining activities until the context of Shutdown ends.
func (w *sender) drain() {
	w.ending, w.backoff = true, 0
	for w.exports.Err() == nil && w.next() {
		continue
	}
}

// release puts the held batch back into its queue.
func (w *sender) release() {
	w.later(w.held, 0)
	w.held = batch{}
}

// next sends one batch, pauses if that failed, and reports whether there was a batch.
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
	case unreachable:
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

// unclear puts back a batch of which a record may be the cause of the failure. Other
// batches are sent first. If others were accepted since the last time, the halves of
// the batch are sent separately, so that in the end the bad record is alone. If not,
// the cause may be the collector, and smaller batches are tried.
func (w *sender) unclear(b batch) {
	switch {
	case b.len() == 1:
		w.later(b, w.cfg.unclearDelay)
	case w.sent > w.parted:
		w.parted = w.sent
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

// pause waits before the next retry. A call of Shutdown ends it.
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

// maxSingle is how many records are sent alone before a batch is put back of which no
// record was accepted.
const maxSingle = 20

// deliver sends a batch, in parts if some of it is rejected. It returns the records
// that were neither accepted nor dropped, and why.
//
// If no record of a batch is accepted, the cause may not be the records: a server that
// expects https answers 400 to everything. Such records are dropped only if they are
// rejected again after others were accepted.
func (w *sender) deliver(b batch) (rest batch, v verdict) {
	parts := []batch{b}
	var bad []rejection
	before := w.sent
	for len(parts) > 0 {
		part := parts[len(parts)-1]
		parts = parts[:len(parts)-1]
		err := w.export(part)
		v, count := judge(err)
		switch {
		case v == accepted:
			w.sent++
			w.finishAccepted(part, count, err)
		case v == rejected && part.len() == 1:
			bad = append(bad, rejection{part, err})
			if len(bad) >= maxSingle && w.sent == before && !w.known(&bad[0].notes[0]) {
				w.noteRejected(b, err)
				return b, unclear
			}
		case v == rejected:
			first, second := part.cut(part.len() / 2)
			parts = append(parts, second, first)
		default:
			w.note(err)
			if w.sent == before {
				return b, v
			}
			w.dropRejected(bad)
			// Parts are taken from the front, so what is left is the end of b.
			left := part.len()
			for _, p := range parts {
				left += p.len()
			}
			_, rest = b.cut(b.len() - left)
			return rest, v
		}
	}
	if w.sent > before {
		w.dropRejected(bad)
		return batch{}, accepted
	}
	for _, r := range bad {
		if w.known(&r.notes[0]) {
			w.dropRejected([]rejection{r})
			continue
		}
		w.noteRejected(r.batch, r.err)
		rest.add(r.records[0], r.notes[0])
	}
	if rest.len() > 0 {
		return rest, unclear
	}
	return batch{}, accepted
}

// rejection is a record that was rejected.
type rejection struct {
	batch
	err error
}

// known reports whether the record itself is the cause of its rejection: others were
// accepted since it was rejected for the first time.
func (w *sender) known(n *note) bool {
	at := n.rejectedAt
	if n.seq > 0 {
		at = w.rejectedAt[n.seq]
	}
	return at > 0 && w.sent >= at
}

// noteRejected notes that records were rejected while no others were accepted.
func (w *sender) noteRejected(b batch, err error) {
	w.note(err)
	for i := range b.notes {
		n := &b.notes[i]
		switch {
		case n.seq == 0 && n.rejectedAt == 0:
			n.rejectedAt = w.sent + 1
		case n.seq > 0 && w.rejectedAt[n.seq] == 0: // records on disk get new notes each time that they are read
			w.rejectedAt[n.seq] = w.sent + 1
		}
	}
}

func (w *sender) dropRejected(bad []rejection) {
	for _, r := range bad {
		delete(w.rejectedAt, r.notes[0].seq)
		w.drop(Drop{Reason: Refused, Count: 1, Records: []sdklog.Record{r.records[0].Clone()}, Err: r.err})
		w.finishBatch(r.batch)
	}
}

func (w *sender) finishAccepted(part batch, rejected int, err error) {
	n := part.len()
	if len(w.rejectedAt) > 0 {
		for i := range part.notes {
			delete(w.rejectedAt, part.notes[i].seq)
		}
	}
	w.finishBatch(part)
	w.metrics.sent(n - rejected)
	if rejected > 0 {
		w.drop(Drop{Reason: Refused, Count: rejected, Err: err})
	}
}

// export calls the exporter, with a timeout.
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

// later puts a batch back into its queue.
func (s *Spool) later(b batch, delay time.Duration) {
	if b.onDisk() {
		s.disk.later(b, delay)
	} else {
		s.memory.later(b)
	}
}

// part puts the halves of a batch back, to be sent separately.
func (s *Spool) part(b batch, delay time.Duration) {
	if b.onDisk() {
		s.disk.part(b, delay)
		return
	}
	first, second := b.cut(b.len() / 2)
	s.memory.later(first)
	s.memory.later(second)
}

// finishBatch removes a batch that was sent or dropped.
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
