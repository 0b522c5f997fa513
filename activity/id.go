package activity

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// ID identifies one activity: a UUID of version 7 (RFC 9562, section 5.7) that
// also holds the time of the act to the microsecond. The order of IDs, as
// bytes and as text, is the order of their times.
//
//	bits   0–47  milliseconds since 1970-01-01T00:00:00Z
//	bits  48–51  version, 7
//	bits  52–63  the fraction of the millisecond in units of 1/4096
//	             (RFC 9562, section 6.2, method 3)
//	bits  64–65  variant, 0b10
//	bits  66–127 random, or a hash ([HashID])
type ID [16]byte

// Limits of the times that an ID can hold.
const (
	minMilli = 0
	maxMilli = 1<<48 - 1 // in the year 10889
)

// NewID returns a new ID for the present.
func NewID() ID { return NewIDAt(time.Now()) }

// NewIDAt returns a new ID for an act at t. Times before 1970 count as 1970.
func NewIDAt(t time.Time) ID {
	var id ID
	rand.Read(id[8:]) // never fails: crypto/rand, since Go 1.24
	id.seal(t)
	return id
}

// HashID returns the ID for something at t that came without one: the same ID
// whenever and wherever it is made from the same t (to 250 ns) and the same
// content. Content is whatever tells this activity from all others.
func HashID(t time.Time, content []byte) ID {
	var id ID
	sum := sha256.Sum256(content)
	copy(id[8:], sum[:8])
	id.seal(t)
	return id
}

// seal writes time, version and variant over an ID whose last eight bytes are
// filled.
//
// The twelve bits of the fraction are four or five for each microsecond: ceil
// (µs × 4096 / 1000) is the first that decodes to this microsecond, and there
// is room above it for four steps of 250 ns.
func (id *ID) seal(t time.Time) {
	ms := min(max(t.UnixMilli(), minMilli), maxMilli)
	within := uint64(0) // nanoseconds after the millisecond
	if t.UnixMilli() == ms {
		within = uint64(t.Nanosecond() % 1_000_000)
	}
	micro := within / 1000
	fraction := (micro*4096+999)/1000 + within%1000/250
	binary.BigEndian.PutUint64(id[:8], uint64(ms)<<16|7<<12|fraction)
	id[8] = id[8]&0x3f | 0x80
}

// Time returns the time of the act, in UTC, to the microsecond.
func (id ID) Time() time.Time {
	head := binary.BigEndian.Uint64(id[:8])
	ms, fraction := int64(head>>16), int64(head&0xfff)
	return time.UnixMilli(ms).Add(time.Duration(fraction*1000/4096) * time.Microsecond).UTC()
}

// IsZero reports whether id is the zero ID, which identifies nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 36 characters of the UUID, in lower case.
func (id ID) String() string {
	text := id.text()
	return string(text[:])
}

// Append appends the 36 characters of the UUID to b.
func (id ID) Append(b []byte) []byte {
	text := id.text()
	return append(b, text[:]...)
}

func (id ID) text() (text [36]byte) {
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return text
}

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return id.Append(nil), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with [ParseID].
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// Value implements [driver.Valuer]: the text of the UUID.
func (id ID) Value() (driver.Value, error) { return id.String(), nil }

// ParseID reads an ID as [ID.String] writes it; letters of either case. Text
// that is not a UUID, or has another version, is an error: such an identifier
// has no time in it, and [HashID] makes an ID of it.
func ParseID(s string) (ID, error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, fmt.Errorf("parse activity id %.64q: not a UUID of 36 characters", s)
	}
	var digits [32]byte
	n := copy(digits[:], s[0:8])
	n += copy(digits[n:], s[9:13])
	n += copy(digits[n:], s[14:18])
	n += copy(digits[n:], s[19:23])
	copy(digits[n:], s[24:36])
	var id ID
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return ID{}, fmt.Errorf("parse activity id %q: %w", s, err)
	}
	if id[6]>>4 != 7 || id[8]>>6 != 0b10 {
		return ID{}, fmt.Errorf("parse activity id %q: not a UUID of version 7", s)
	}
	return id, nil
}
