package spool

import (
	"sync"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// batch is a group of activities that are sent together. Both slices have the same
// length.
type batch struct {
	records []sdklog.Record
	notes   []note
}

// note is what the spool knows about a record.
type note struct {
	bytes int64 // of memory, estimated; 0 on disk
	at    time.Time
	seq   uint64 // on disk; 0 in memory
	// rejectedAt is set when the record was rejected while no other was accepted: the
	// number of batches accepted until then, plus one. Otherwise it is 0.
	rejectedAt int
}

func (b *batch) add(r sdklog.Record, n note) {
	b.records = append(b.records, r)
	b.notes = append(b.notes, n)
}

// cut returns the first n of b and the rest. Nothing may be added to the first part.
func (b batch) cut(n int) (first, rest batch) {
	return batch{b.records[:n:n], b.notes[:n:n]}, batch{b.records[n:], b.notes[n:]}
}

func (b batch) len() int { return len(b.records) }

// memory is a queue in memory. Records that were taken count until they are done.
type memory struct {
	max   int64
	chunk int // records in a batch of full size

	mu      sync.Mutex
	batches []batch // oldest first; only the last one grows
	spare   []batch // empty ones, for reuse
	bytes   int64
	count   int
	out     time.Time // when the oldest record that is taken and not done was emitted
}

// maxSpare is the most batches that are kept for reuse.
const maxSpare = 4

func (m *memory) put(r sdklog.Record, n note) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bytes+n.bytes > m.max {
		return false
	}
	m.bytes += n.bytes
	m.count++
	last := len(m.batches) - 1
	if last < 0 || m.batches[last].len() == cap(m.batches[last].records) {
		m.batches = append(m.batches, m.empty())
		last++
	}
	m.batches[last].add(r, n)
	return true
}

func (m *memory) empty() batch {
	if n := len(m.spare); n > 0 {
		b := m.spare[n-1]
		m.spare = m.spare[:n-1]
		return b
	}
	return batch{make([]sdklog.Record, 0, m.chunk), make([]note, 0, m.chunk)}
}

// take takes up to n of the oldest records.
func (m *memory) take(n int) batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.batches) == 0 {
		return batch{}
	}
	b := m.batches[0]
	if b.len() > n {
		b, m.batches[0] = b.cut(n)
	} else {
		m.batches[0] = batch{}
		m.batches = m.batches[1:]
	}
	m.out = b.notes[0].at
	return b
}

// later puts a batch that was taken at the end of the queue.
func (m *memory) later(b batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out = time.Time{}
	if b.len() > 0 {
		full, _ := b.cut(b.len())
		m.batches = append(m.batches, full)
	}
}

// done forgets a batch that was taken.
func (m *memory) done(b batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out = time.Time{}
	for i := range b.notes {
		m.bytes -= b.notes[i].bytes
	}
	m.count -= b.len()
	clear(b.records)
	if cap(b.records) == m.chunk && len(m.spare) < maxSpare {
		m.spare = append(m.spare, batch{b.records[:0], b.notes[:0]})
	}
}

// stats returns how many records wait or are taken, their bytes, and when the oldest
// was emitted.
func (m *memory) stats() (count int, bytes int64, oldest time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	oldest = m.out
	if oldest.IsZero() && len(m.batches) > 0 {
		oldest = m.batches[0].notes[0].at
	}
	return m.count, m.bytes, oldest
}
