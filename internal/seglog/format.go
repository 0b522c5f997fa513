package seglog

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

const (
	segmentHeader = 48
	recordHeader  = 40
	version       = 1
	magic         = "actseglg"

	maxSeq = 1 << 62

	segmentSuffix = ".seg"
	ackSuffix     = ".ack"
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	order      = binary.LittleEndian
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// marker begins each record of a segment.
type marker [8]byte

// name is the name of a segment's files, without suffix.
func name(first uint64, m marker) string {
	return fmt.Sprintf("%020d-%s", first, hex.EncodeToString(m[:]))
}

func parseName(file, suffix string) (first uint64, m marker, ok bool) {
	base, isOne := strings.CutSuffix(file, suffix)
	number, mark, cut := strings.Cut(base, "-")
	if !isOne || !cut || len(mark) != 2*len(m) {
		return 0, m, false
	}
	first, err := strconv.ParseUint(number, 10, 64)
	if err != nil || first == 0 || first > maxSeq {
		return 0, m, false
	}
	if _, err := hex.Decode(m[:], []byte(mark)); err != nil {
		return 0, m, false
	}
	return first, m, name(first, m) == base
}

// segmentHead encodes the header of a segment file.
func segmentHead(first uint64, m marker, created time.Time) []byte {
	b := make([]byte, segmentHeader)
	copy(b, magic)
	order.PutUint32(b[8:], version)
	copy(b[16:], m[:])
	order.PutUint64(b[24:], first)
	order.PutUint64(b[32:], uint64(created.UnixNano()))
	order.PutUint32(b[12:], checksum(b[16:]))
	return b
}

// validSegmentHead reports whether b is the header of this segment.
func validSegmentHead(b []byte, first uint64, m marker) bool {
	return len(b) == segmentHeader && string(b[:8]) == magic && order.Uint32(b[8:]) == version &&
		marker(b[16:24]) == m && order.Uint64(b[24:]) == first && order.Uint32(b[12:]) == checksum(b[16:])
}

// head is a decoded header of a record.
type head struct {
	payloadCRC uint32
	length     uint32
	seq        uint64
	time       int64 // nanoseconds since 1970
}

// put encodes h into b, which has recordHeader bytes.
func (h head) put(b []byte, m marker) {
	copy(b, m[:])
	order.PutUint32(b[12:], h.payloadCRC)
	order.PutUint32(b[16:], h.length)
	order.PutUint32(b[20:], 0)
	order.PutUint64(b[24:], h.seq)
	order.PutUint64(b[32:], uint64(h.time))
	order.PutUint32(b[8:], checksum(b[12:recordHeader]))
}

// parseHead decodes a record's header and reports whether it is one.
func parseHead(b []byte, m marker) (head, bool) {
	if marker(b[:8]) != m || order.Uint32(b[8:]) != checksum(b[12:recordHeader]) {
		return head{}, false
	}
	return head{
		payloadCRC: order.Uint32(b[12:]),
		length:     order.Uint32(b[16:]),
		seq:        order.Uint64(b[24:]),
		time:       int64(order.Uint64(b[32:])),
	}, true
}
