package seglog

import (
	"io"
	"os"
)

// ackFile stores which records of a segment were acknowledged. Its first entry says how
// far the segment was written; the others say which records were acknowledged. Entries
// with a wrong checksum are skipped. It is not fsynced: if it is lost, records are read
// again, which is harmless.
type ackFile struct {
	f   file
	m   marker
	off int64 // where the next entry goes
}

const (
	ackEntry = 24

	entryWritten  = 1 // records up to seq were written
	entryAcked    = 2 // count records from seq on were acknowledged
	entryComplete = 3 // all up to seq were acknowledged, and the segment file may be deleted
)

type entry struct {
	kind  uint32
	count uint32
	seq   uint64
}

func (e entry) appendTo(b []byte, m marker) []byte {
	at := len(b)
	b = append(b, make([]byte, ackEntry)...)
	order.PutUint32(b[at+4:], e.kind)
	order.PutUint32(b[at+8:], e.count)
	order.PutUint64(b[at+16:], e.seq)
	order.PutUint32(b[at:], entrySum(b[at:at+ackEntry], m))
	return b
}

func entrySum(b []byte, m marker) uint32 {
	return checksum(append(m[:], b[4:]...))
}

func parseEntry(b []byte, m marker) (entry, bool) {
	e := entry{order.Uint32(b[4:]), order.Uint32(b[8:]), order.Uint64(b[16:])}
	return e, order.Uint32(b) == entrySum(b[:ackEntry], m)
}

// written notes that the records up to seq were written, or, with complete,
// that all of them were acknowledged.
func (a *ackFile) written(seq uint64, kind uint32) {
	if a.f != nil {
		_, _ = a.f.WriteAt(entry{kind: kind, seq: seq}.appendTo(nil, a.m), 0)
	}
}

// acked notes entries. An entry that cannot be written is not retried.
func (a *ackFile) acked(entries []entry) {
	if a.f == nil || len(entries) == 0 {
		return
	}
	var b []byte
	for _, e := range entries {
		b = e.appendTo(b, a.m)
	}
	if n, err := a.f.WriteAt(b, a.off); err == nil {
		a.off += int64(n)
	}
}

func (a *ackFile) close() {
	if a.f != nil {
		_ = a.f.Close()
		a.f = nil
	}
}

// readAcks reads a whole .ack file: its valid entries, and where the next goes.
func readAcks(path string, m marker) (entries []entry, size int64, err error) {
	f, err := os.Open(path) //nolint:gosec // the name is the log's own
	if err != nil {
		return nil, ackEntry, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxAckBytes))
	size = max(ackEntry, int64(len(b))/ackEntry*ackEntry)
	for len(b) >= ackEntry {
		if e, ok := parseEntry(b, m); ok {
			entries = append(entries, e)
		}
		b = b[ackEntry:]
	}
	return entries, size, err
}

// maxAckBytes is the most bytes that are read of an .ack file.
const maxAckBytes = 64 << 20

// bits is a set of small numbers.
type bits []uint64

func (b *bits) add(i uint64) bool {
	for uint64(len(*b)) <= i/64 {
		*b = append(*b, 0)
	}
	if b.has(i) {
		return false
	}
	(*b)[i/64] |= 1 << (i % 64)
	return true
}

func (b *bits) has(i uint64) bool {
	return i/64 < uint64(len(*b)) && (*b)[i/64]&(1<<(i%64)) != 0
}
