package queue

import "time"

// kept are requests that are in the database, and are left on disk for a while in case
// the database fails over to a server that lacks them.
type kept struct {
	batches []keptBatch // oldest first
	bytes   int64
	waiting int // requests that wait for space: nothing more is kept meanwhile

	// moves is how often the database has moved to another server. What was being
	// written at that moment may be on the old one.
	moves int
	// again are requests of [Queue.Replay] that are not written yet.
	again map[uint64]bool // by the sequence number of the request
}

// keptBatch is what was written together.
type keptBatch struct {
	seqs    []uint64
	records []int // by the same index
	bytes   int64
	at      time.Time
}

// done notes that a batch is in the database. It returns how many of its records were not
// written before, and the requests that can be removed from disk now: those of the batch,
// or those that were kept for long enough. It is called with q.mu held.
func (q *Queue) done(b *batch, now time.Time) (records int, old []uint64) {
	k := keptBatch{seqs: make([]uint64, len(b.items)), records: make([]int, len(b.items)), at: now}
	for i, it := range b.items {
		k.seqs[i], k.records[i], k.bytes = it.seq, it.records, k.bytes+int64(len(it.payload))
		if !q.kept.again[it.seq] {
			records += it.records
		}
		delete(q.kept.again, it.seq)
	}
	switch {
	case q.cfg.Keep == 0:
		return records, k.seqs
	case b.moves != q.kept.moves:
		q.writeAgain(k)
	default:
		q.log.Keep(k.seqs...)
		q.kept.batches = append(q.kept.batches, k)
		q.kept.bytes += k.bytes
		// Nothing expires while nothing is written: a failover may take longer than Keep.
		for len(q.kept.batches) > 0 && (now.Sub(q.kept.batches[0].at) > q.cfg.Keep || q.kept.bytes > q.cfg.MaxBytes/4 || q.kept.waiting > 0) {
			old = append(old, q.kept.oldest()...)
		}
	}
	return records, old
}

// oldest forgets what was kept for the longest, and returns its requests.
func (k *kept) oldest() []uint64 {
	first := k.batches[0]
	k.batches = k.batches[1:]
	k.bytes -= first.bytes
	return first.seqs
}

// needRoom notes that n more requests wait for space.
func (q *Queue) needRoom(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kept.waiting += n
}

// makeRoom removes some of what is kept from disk, and returns false if nothing is:
// requests that come are more important.
func (q *Queue) makeRoom() bool {
	q.mu.Lock()
	if len(q.kept.batches) == 0 {
		q.mu.Unlock()
		return false
	}
	oldest := q.kept.oldest()
	q.mu.Unlock()
	q.log.Ack(oldest...)
	return true
}

// Replay writes again what is kept, because the database is another server than before,
// which may lack it. It returns how many records that are.
func (q *Queue) Replay() (records int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kept.moves++
	for _, k := range q.kept.batches {
		records += q.writeAgain(k)
	}
	q.kept.batches, q.kept.bytes = nil, 0
	return records
}

// writeAgain hands out requests that were written. It is called with q.mu held.
func (q *Queue) writeAgain(k keptBatch) (records int) {
	if q.kept.again == nil {
		q.kept.again = map[uint64]bool{}
	}
	for i, seq := range k.seqs {
		q.kept.again[seq] = true
		records += k.records[i]
		q.log.Nack(seq, 0)
	}
	return records
}
