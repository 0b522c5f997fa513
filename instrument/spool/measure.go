package spool

import (
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/instrument/spool/utf8attr"
)

const (
	recordBytes    = 900 // of an empty record with the place of five attributes
	attributeBytes = 64
)

// measure estimates the memory of a record, and reports whether all its texts
// are UTF-8.
func measure(r *sdklog.Record) (bytes int64, valid bool) {
	n, valid := measureValue(r.Body())
	n += recordBytes + int64(len(r.EventName())+len(r.SeverityText()))
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		size, ok := measureValue(kv.Value)
		n += attributeBytes + int64(len(kv.Key)) + size
		valid = valid && ok && utf8.ValidString(string(kv.Key))
		return true
	})
	return n, valid && utf8.ValidString(r.EventName()) && utf8.ValidString(r.SeverityText())
}

func measureValue(v attribute.Value) (bytes int64, valid bool) {
	switch v.Type() {
	case attribute.STRING:
		s := v.AsString()
		return int64(len(s)), utf8.ValidString(s)
	case attribute.STRINGSLICE:
		valid = true
		for _, s := range v.AsStringSlice() {
			bytes += 16 + int64(len(s))
			valid = valid && utf8.ValidString(s)
		}
		return bytes, valid
	case attribute.MAP:
		valid = true
		for _, kv := range v.AsMap() {
			size, ok := measureValue(kv.Value)
			bytes += attributeBytes + int64(len(kv.Key)) + size
			valid = valid && ok && utf8.ValidString(string(kv.Key))
		}
		return bytes, valid
	case attribute.SLICE:
		valid = true
		for _, e := range v.AsSlice() {
			size, ok := measureValue(e)
			bytes += attributeBytes + size
			valid = valid && ok
		}
		return bytes, valid
	case attribute.BYTESLICE:
		return int64(len(v.AsByteSlice())), true
	case attribute.BOOLSLICE:
		return int64(len(v.AsBoolSlice())), true
	case attribute.INT64SLICE:
		return 8 * int64(len(v.AsInt64Slice())), true
	case attribute.FLOAT64SLICE:
		return 8 * int64(len(v.AsFloat64Slice())), true
	default:
		return 0, true
	}
}

// repair replaces invalid UTF-8 in the texts of a record.
func repair(r *sdklog.Record) {
	r.SetEventName(utf8attr.Text(r.EventName()))
	r.SetSeverityText(utf8attr.Text(r.SeverityText()))
	r.SetBody(utf8attr.Value(r.Body()))
	attrs := make([]attribute.KeyValue, 0, r.AttributesLen())
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		attrs = append(attrs, kv)
		return true
	})
	r.SetAttributes(utf8attr.Repair(attrs)...)
}
