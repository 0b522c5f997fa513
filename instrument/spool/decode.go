package spool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

const (
	maxDepth   = 64 // of values in values
	maxOrigins = 64 // that a decoder remembers
)

var errShort = errors.New("it is truncated")

// decoder decodes records. Only an SDK logger can create a record with resource and
// scope, so it keeps an empty record for each pair of them.
type decoder struct {
	empty map[string]sdklog.Record
}

// decode is the inverse of encode.
func (d *decoder) decode(b []byte) (sdklog.Record, error) {
	r := reader{b: b, whole: string(b)}
	if f := r.byte(); f != format {
		return sdklog.Record{}, fmt.Errorf("decode activity: its format must be %d; got %d", format, f)
	}
	size := r.length()
	at := len(r.whole) - len(r.b)
	head := reader{b: r.bytes(size), whole: r.whole[at : at+size]}
	rec, err := d.origin(r.b)
	if err != nil {
		return sdklog.Record{}, fmt.Errorf("decode activity: %w", err)
	}
	head.into(&rec)
	if head.err != nil {
		return sdklog.Record{}, fmt.Errorf("decode activity: %w", head.err)
	}
	return rec, nil
}

// into reads everything except the origin.
func (r *reader) into(rec *sdklog.Record) {
	rec.SetEventName(r.text())
	rec.SetTimestamp(r.time())
	rec.SetObservedTimestamp(r.time())
	rec.SetSeverity(log.Severity(r.varint()))
	rec.SetSeverityText(r.text())
	var traceID trace.TraceID
	var spanID trace.SpanID
	copy(traceID[:], r.bytes(len(traceID)))
	copy(spanID[:], r.bytes(len(spanID)))
	rec.SetTraceID(traceID)
	rec.SetSpanID(spanID)
	rec.SetTraceFlags(trace.TraceFlags(r.byte()))
	rec.SetBody(r.value(0))
	rec.SetAttributes(r.pairs(0)...)
}

// origin returns an empty record with the resource and scope in b.
func (d *decoder) origin(b []byte) (sdklog.Record, error) {
	if rec, ok := d.empty[string(b)]; ok {
		return rec, nil
	}
	r := reader{b: b, whole: string(b)}
	schema, res := r.text(), r.pairs(0)
	var scope instrumentation.Scope
	scope.Name, scope.Version, scope.SchemaURL = r.text(), r.text(), r.text()
	scope.Attributes = attribute.NewSet(r.pairs(0)...)
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("it has extra bytes at the end")
	}
	if r.err != nil {
		return sdklog.Record{}, r.err
	}
	var rec sdklog.Record
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(resource.NewWithAttributes(schema, res...)),
		sdklog.WithAttributeCountLimit(-1), sdklog.WithAttributeValueLengthLimit(-1),
		sdklog.WithAttributeValueDepthLimit(-1),
		sdklog.WithAllowKeyDuplication(), sdklog.WithProcessor(catch{&rec}))
	provider.Logger(scope.Name, log.WithInstrumentationVersion(scope.Version),
		log.WithSchemaURL(scope.SchemaURL), log.WithInstrumentationAttributeSet(scope.Attributes)).
		Emit(context.Background(), log.Record{})
	if d.empty == nil || len(d.empty) >= maxOrigins {
		d.empty = make(map[string]sdklog.Record)
	}
	d.empty[string(b)] = rec
	return rec, nil
}

// catch is a processor that keeps the record.
type catch struct{ rec *sdklog.Record }

func (catch) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (catch) Shutdown(context.Context) error                         { return nil }
func (catch) ForceFlush(context.Context) error                       { return nil }
func (c catch) OnEmit(_ context.Context, r *sdklog.Record) error {
	*c.rec = r.Clone()
	return nil
}

// reader reads the output of encode. After an error it returns zero values.
type reader struct {
	b     []byte
	whole string // ends with b: texts are parts of one string
	err   error
}

func (r *reader) bytes(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b) {
		r.fail(errShort)
		return nil
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *reader) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// length reads a length. A length beyond the remaining bytes is an error.
func (r *reader) length() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(len(r.b)-n) {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) text() string {
	n := r.length()
	at := len(r.whole) - len(r.b)
	if len(r.bytes(n)) < n {
		return ""
	}
	return r.whole[at : at+n]
}

func (r *reader) time() time.Time {
	seconds := r.varint()
	nano, n := binary.Uvarint(r.b)
	if n <= 0 || nano >= uint64(time.Second) {
		r.fail(errShort)
		return time.Time{}
	}
	r.b = r.b[n:]
	return time.Unix(seconds, int64(nano))
}

func (r *reader) pairs(depth int) []attribute.KeyValue {
	return list(r, func() attribute.KeyValue {
		return attribute.KeyValue{Key: attribute.Key(r.text()), Value: r.value(depth)}
	})
}

func (r *reader) float() float64 {
	if b := r.bytes(8); len(b) == 8 {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// list reads a list whose elements have at least one byte each.
func list[T any](r *reader, one func() T) []T {
	n := r.length()
	out := make([]T, 0, min(n, 64))
	for range n {
		if r.err != nil {
			break
		}
		out = append(out, one())
	}
	return out
}

func (r *reader) value(depth int) attribute.Value {
	kind := r.byte()
	if depth > maxDepth && (kind == typeSlice || kind == typeMap) {
		r.fail(errors.New("its values are nested too deep"))
		return attribute.Value{}
	}
	switch kind {
	case typeEmpty:
		return attribute.Value{}
	case typeBool:
		return attribute.BoolValue(r.byte() != 0)
	case typeInt:
		return attribute.Int64Value(r.varint())
	case typeFloat:
		return attribute.Float64Value(r.float())
	case typeString:
		return attribute.StringValue(r.text())
	case typeBytes:
		return attribute.ByteSliceValue(r.bytes(r.length()))
	case typeBools:
		return attribute.BoolSliceValue(list(r, func() bool { return r.byte() != 0 }))
	case typeInts:
		return attribute.Int64SliceValue(list(r, r.varint))
	case typeFloats:
		return attribute.Float64SliceValue(list(r, r.float))
	case typeStrings:
		return attribute.StringSliceValue(list(r, r.text))
	case typeSlice:
		return attribute.SliceValue(list(r, func() attribute.Value { return r.value(depth + 1) })...)
	case typeMap:
		return attribute.MapValue(r.pairs(depth + 1)...)
	default:
		r.fail(fmt.Errorf("a value has the unknown type %d", kind))
		return attribute.Value{}
	}
}
