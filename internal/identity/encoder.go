package identity

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// encoder writes values into buf so that different values never give the same
// bytes: each has a type byte and, if needed, a length. The ids of released versions
// depend on the format, so it must not change.
type encoder struct {
	buf []byte
}

// Type bytes.
const (
	typeEmpty = iota
	typeString
	typeBool
	typeInt
	typeDouble
	typeBytes
	typeSlice
	typeMap
)

func (e *encoder) length(n int) { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }

func (e *encoder) string(s string) {
	e.buf = append(e.buf, typeString)
	e.length(len(s))
	e.buf = append(e.buf, s...)
}

func (e *encoder) bytes(b []byte) { e.buf = appendBytes(e.buf, b) }

func appendBytes(buf, b []byte) []byte {
	buf = append(buf, typeBytes)
	buf = binary.AppendUvarint(buf, uint64(len(b)))
	return append(buf, b...)
}

func (e *encoder) int(i int64) { e.fixed(typeInt, uint64(i)) }

func (e *encoder) fixed(kind byte, bits uint64) {
	e.buf = append(e.buf, kind)
	e.buf = binary.BigEndian.AppendUint64(e.buf, bits)
}

func (e *encoder) value(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		e.string(v.Str())
	case pcommon.ValueTypeBool:
		bit := uint64(0)
		if v.Bool() {
			bit = 1
		}
		e.fixed(typeBool, bit)
	case pcommon.ValueTypeInt:
		e.int(v.Int())
	case pcommon.ValueTypeDouble:
		e.fixed(typeDouble, math.Float64bits(v.Double()))
	case pcommon.ValueTypeBytes:
		e.bytes(v.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		e.buf = append(e.buf, typeSlice)
		e.length(v.Slice().Len())
		for _, element := range v.Slice().All() {
			e.value(element)
		}
	case pcommon.ValueTypeMap:
		e.mapping(v.Map())
	default:
		e.buf = append(e.buf, typeEmpty)
	}
}

// mapping encodes m sorted by key, because a processor may have changed the order.
func (e *encoder) mapping(m pcommon.Map) {
	type entry struct {
		key   string
		value pcommon.Value
	}
	entries := make([]entry, 0, m.Len())
	for key, value := range m.All() {
		entries = append(entries, entry{key, value})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	e.buf = append(e.buf, typeMap)
	e.length(len(entries))
	for _, entry := range entries {
		e.string(entry.key)
		e.value(entry.value)
	}
}
