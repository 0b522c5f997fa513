// Package utf8attr finds and repairs attributes whose texts are not UTF-8. OTLP cannot
// encode them, and one such text would make the export of its whole batch fail.
package utf8attr

import (
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// Valid reports whether keys and values of attrs are UTF-8.
func Valid(attrs []attribute.KeyValue) bool {
	for i := range attrs {
		if !utf8.ValidString(string(attrs[i].Key)) || !validValue(attrs[i].Value) {
			return false
		}
	}
	return true
}

func validValue(v attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING:
		return utf8.ValidString(v.AsString())
	case attribute.STRINGSLICE:
		for _, s := range v.AsStringSlice() {
			if !utf8.ValidString(s) {
				return false
			}
		}
	case attribute.MAP:
		return Valid(v.AsMap())
	case attribute.SLICE:
		for _, e := range v.AsSlice() {
			if !validValue(e) {
				return false
			}
		}
	}
	return true
}

// Repair returns a copy of attrs in which invalid UTF-8 is replaced by U+FFFD.
func Repair(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := make([]attribute.KeyValue, len(attrs))
	for i, kv := range attrs {
		out[i] = attribute.KeyValue{Key: attribute.Key(Text(string(kv.Key))), Value: Value(kv.Value)}
	}
	return out
}

// Value returns v with invalid UTF-8 replaced.
func Value(v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(Text(v.AsString()))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			texts[i] = Text(texts[i])
		}
		return attribute.StringSliceValue(texts)
	case attribute.MAP:
		return attribute.MapValue(Repair(v.AsMap())...)
	case attribute.SLICE:
		values := v.AsSlice()
		for i := range values {
			values[i] = Value(values[i])
		}
		return attribute.SliceValue(values...)
	}
	return v
}

// Text returns s with invalid UTF-8 replaced.
func Text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
