package seglog

import (
	"bytes"
	"io"
)

const (
	chunkBytes = 256 << 10
	blockBytes = 4 << 10 // bytes that are skipped if the disk cannot read
)

// scanner reads the records of one segment in order. After damaged bytes it finds the
// next valid record. It holds one chunk in memory, or one record if that is larger.
type scanner struct {
	r      io.ReaderAt
	marker marker
	off    int64  // of the next record
	limit  int64  // where the segment ends; it may grow
	seq    uint64 // of the next record
	end    uint64 // sequence numbers from here on are not in this segment
	tries  int64  // bytes of payloads whose checksum was wrong

	buf    []byte
	bufOff int64
}

// found is one step of a scanner: a record, or damage before the next record.
type found struct {
	head
	off     int64
	payload []byte // of a record; valid until the next step

	damage  bool
	bytes   int64  // damaged bytes, from off on
	missing uint64 // records that are lost
}

// next returns the next record or damage, or io.EOF at the limit. If records are missing
// at the end, seq is less than end.
func (s *scanner) next() (found, error) {
	start := s.off
	for off := start; off >= 0; {
		h, payload, ok := s.record(off)
		if !ok {
			off = s.find(off + 1)
			continue
		}
		if off > start || h.seq > s.seq {
			dmg := found{damage: true, off: start, bytes: off - start, missing: h.seq - s.seq}
			s.off, s.seq = off, h.seq
			return dmg, nil
		}
		s.off, s.seq = off+recordHeader+int64(h.length), h.seq+1
		return found{head: h, off: off, payload: payload}, nil
	}
	if start >= s.limit {
		return found{}, io.EOF
	}
	s.off = s.limit
	return found{damage: true, off: start, bytes: s.limit - start}, nil
}

// record returns the record at off, if there is a valid one.
func (s *scanner) record(off int64) (head, []byte, bool) {
	if s.limit-off < recordHeader {
		return head{}, nil, false
	}
	h, ok := parseHead(s.peek(off, recordHeader), s.marker)
	if !ok || int64(h.length) > s.limit-off-recordHeader || h.seq < s.seq || h.seq >= s.end {
		return head{}, nil, false
	}
	// Nested headers with long payloads, which only an attacker writes, could make this
	// quadratic.
	if s.tries > 8*s.limit {
		return head{}, nil, false
	}
	payload := s.peek(off+recordHeader, int(h.length))
	if checksum(payload) != h.payloadCRC {
		s.tries += int64(h.length)
		return head{}, nil, false
	}
	return h, payload, true
}

// find returns where the next marker is, from off on, or -1.
func (s *scanner) find(off int64) int64 {
	for s.limit-off >= recordHeader {
		window := s.peek(off, int(min(s.limit-off, chunkBytes)))
		if i := bytes.Index(window, s.marker[:]); i >= 0 {
			return off + int64(i)
		}
		off += int64(len(window) - len(s.marker) + 1)
	}
	return -1
}

// peek returns the n bytes at off, all below the limit. Bytes that cannot be read are
// zero, with which no record begins.
func (s *scanner) peek(off int64, n int) []byte {
	if off < s.bufOff || off+int64(n) > s.bufOff+int64(len(s.buf)) {
		size := int(min(s.limit-off, int64(max(n, chunkBytes))))
		if cap(s.buf) < size || cap(s.buf) > 4*chunkBytes && size <= chunkBytes {
			s.buf = make([]byte, max(size, chunkBytes))
		}
		s.buf, s.bufOff = s.buf[:size], off
		s.fill()
	}
	i := off - s.bufOff
	return s.buf[i : i+int64(n)]
}

func (s *scanner) fill() {
	for i := 0; i < len(s.buf); {
		n, err := s.r.ReadAt(s.buf[i:], s.bufOff+int64(i))
		i += n
		if err == nil || i >= len(s.buf) {
			continue
		}
		rest := s.buf[i:]
		if err != io.EOF {
			rest = rest[:min(len(rest), blockBytes)]
		}
		clear(rest)
		i += len(rest)
	}
}

// forget makes the scanner read from disk again.
func (s *scanner) forget() { s.buf = s.buf[:0] }
