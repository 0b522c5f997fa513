package spool

import (
	"encoding/binary"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
)

// format is the first byte of an encoded record. A change of the encoding needs
// another one, because files outlive programs.
const format = 1

// Types of values on disk. They are part of the format.
const (
	typeEmpty = iota
	typeBool
	typeInt
	typeFloat
	typeString
	typeBytes
	typeBools
	typeInts
	typeFloats
	typeStrings
	typeSlice
	typeMap
)

// encode appends a record to b, except the number of attributes that the SDK dropped.
func encode(b []byte, r *sdklog.Record) []byte {
	b = append(b, format)
	// The length of the part before the origin, in five bytes.
	at := len(b)
	b = append(b, 0x80, 0x80, 0x80, 0x80, 0)
	b = appendText(b, r.EventName())
	b = appendTime(b, r.Timestamp())
	b = appendTime(b, r.ObservedTimestamp())
	b = binary.AppendVarint(b, int64(r.Severity()))
	b = appendText(b, r.SeverityText())
	trace, span := r.TraceID(), r.SpanID()
	b = append(b, trace[:]...)
	b = append(b, span[:]...)
	b = append(b, byte(r.TraceFlags()))
	b = appendValue(b, r.Body(), 0)
	b = binary.AppendUvarint(b, uint64(r.AttributesLen()))
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		b = appendPair(b, kv, 0)
		return true
	})
	for i, n := 0, len(b)-at-5; i < 5; i, n = i+1, n>>7 {
		b[at+i] |= byte(n & 0x7f)
	}
	return appendOrigin(b, r.Resource(), r.InstrumentationScope())
}

// appendOrigin appends resource and scope, which are the same for most records.
func appendOrigin(b []byte, res *resource.Resource, scope instrumentation.Scope) []byte {
	b = appendText(b, res.SchemaURL())
	b = appendSet(b, res.Set())
	b = appendText(b, scope.Name)
	b = appendText(b, scope.Version)
	b = appendText(b, scope.SchemaURL)
	return appendSet(b, &scope.Attributes)
}

func appendSet(b []byte, set *attribute.Set) []byte {
	b = binary.AppendUvarint(b, uint64(set.Len()))
	for iter := set.Iter(); iter.Next(); {
		b = appendPair(b, iter.Attribute(), 0)
	}
	return b
}

func appendPair(b []byte, kv attribute.KeyValue, depth int) []byte {
	return appendValue(appendText(b, string(kv.Key)), kv.Value, depth)
}

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTime appends seconds and nanoseconds, because nanoseconds since 1970 cannot
// express the zero time.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.AppendVarint(b, t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

// appendValue appends a value. Values nested deeper than maxDepth become text.
func appendValue(b []byte, v attribute.Value, depth int) []byte {
	if depth > maxDepth {
		return appendText(append(b, typeString), v.String())
	}
	switch v.Type() {
	case attribute.BOOL:
		return append(b, typeBool, bit(v.AsBool()))
	case attribute.INT64:
		return binary.AppendVarint(append(b, typeInt), v.AsInt64())
	case attribute.FLOAT64:
		return binary.LittleEndian.AppendUint64(append(b, typeFloat), math.Float64bits(v.AsFloat64()))
	case attribute.STRING:
		return appendText(append(b, typeString), v.AsString())
	case attribute.BYTESLICE:
		return appendText(append(b, typeBytes), v.AsByteSlice())
	case attribute.BOOLSLICE:
		return appendList(append(b, typeBools), v.AsBoolSlice(), func(b []byte, e bool) []byte { return append(b, bit(e)) })
	case attribute.INT64SLICE:
		return appendList(append(b, typeInts), v.AsInt64Slice(), binary.AppendVarint)
	case attribute.FLOAT64SLICE:
		return appendList(append(b, typeFloats), v.AsFloat64Slice(), func(b []byte, e float64) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(e))
		})
	case attribute.STRINGSLICE:
		return appendList(append(b, typeStrings), v.AsStringSlice(), appendText[string])
	case attribute.SLICE:
		return appendList(append(b, typeSlice), v.AsSlice(), func(b []byte, e attribute.Value) []byte {
			return appendValue(b, e, depth+1)
		})
	case attribute.MAP:
		return appendList(append(b, typeMap), v.AsMap(), func(b []byte, kv attribute.KeyValue) []byte {
			return appendPair(b, kv, depth+1)
		})
	default:
		return append(b, typeEmpty)
	}
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, e := range list {
		b = one(b, e)
	}
	return b
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}
