package lookup

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math"
)

// maxTableBytes is the largest size that a table's offsets can address.
const maxTableBytes = math.MaxUint32

var (
	errDuplicate = errors.New("an earlier record has the same key")
	errTooLarge  = errors.New("the table is larger than 4 GiB")
)

// table holds rows by key in two blocks of memory. A map of a million users would take
// several times as much, and have millions of pointers for the garbage collector.
type table struct {
	seed  maphash.Seed
	slots []uint32 // open addressing: offset + 1 of a record in data, 0 is free
	data  []byte   // records: key and row, each after its length
	rows  int
}

// newTable returns a table with room for so many bytes, so that they are not copied
// while it grows.
func newTable(room int64) *table {
	return &table{seed: maphash.MakeSeed(), slots: make([]uint32, 1024), data: make([]byte, 0, room)}
}

// add adds a row.
func (t *table) add(key string, r row) error {
	if (t.rows+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	slot, there := t.slot(key)
	if there {
		return errDuplicate
	}
	if len(t.data)+len(key)+len(r)+2*binary.MaxVarintLen64 >= maxTableBytes {
		return errTooLarge
	}
	t.slots[slot] = uint32(len(t.data)) + 1
	t.data = appendValue(appendValue(t.data, key), string(r))
	t.rows++
	return nil
}

// find returns the row of key.
func (t *table) find(key string) (row, bool) {
	slot, there := t.slot(key)
	if !there {
		return "", false
	}
	_, rest := t.field(int(t.slots[slot] - 1))
	value, _ := t.field(rest)
	return row(value), true // a copy: a part would keep a table alive that was replaced
}

// slot returns where key is, or where it would be.
func (t *table) slot(key string) (slot int, there bool) {
	mask := len(t.slots) - 1
	for i := int(maphash.String(t.seed, key)) & mask; ; i = (i + 1) & mask {
		if t.slots[i] == 0 {
			return i, false
		}
		if k, _ := t.field(int(t.slots[i] - 1)); string(k) == key {
			return i, true
		}
	}
}

// field returns the bytes at offset, and the offset after them.
func (t *table) field(offset int) (value []byte, next int) {
	length, n := binary.Uvarint(t.data[offset:])
	start := offset + n
	next = start + int(length)
	return t.data[start:next], next
}

// grow doubles the slots.
func (t *table) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := len(t.slots) - 1
	for offset := 0; offset < len(t.data); {
		key, next := t.field(offset)
		i := int(maphash.Bytes(t.seed, key)) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(offset) + 1
		_, offset = t.field(next)
	}
}

// pack shrinks data to its length.
func (t *table) pack() {
	if cap(t.data)-len(t.data) > len(t.data)/16 {
		t.data = append(make([]byte, 0, len(t.data)), t.data...)
	}
}

// bytes returns the size of the table in memory.
func (t *table) bytes() int { return cap(t.data) + 4*len(t.slots) }
