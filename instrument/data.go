package instrument

import (
	"maps"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/internal/plain"
)

// plainMap returns a plain copy of data.
func plainMap(data map[string]any) map[string]any {
	if len(data) == 0 {
		return nil
	}
	copied := make(map[string]any, len(data))
	for key, value := range data {
		copied[key] = plain.Of(value)
	}
	return copied
}

// mapEntries returns the entries of a plain map sorted by key, so that the same data
// always gives the same attribute.
func mapEntries(m map[string]any) []attribute.KeyValue {
	entries := make([]attribute.KeyValue, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		entries = append(entries, attribute.KeyValue{
			Key:   attribute.Key(validText(key)),
			Value: plainValue(m[key]),
		})
	}
	return entries
}

// plainValue returns the attribute value of a plain value.
func plainValue(value any) attribute.Value {
	switch v := value.(type) {
	case bool:
		return attribute.BoolValue(v)
	case int64:
		return attribute.Int64Value(v)
	case float64:
		return attribute.Float64Value(v)
	case string:
		return attribute.StringValue(validText(v))
	case []byte:
		return attribute.ByteSliceValue(v)
	case []any:
		list := make([]attribute.Value, len(v))
		for i, element := range v {
			list[i] = plainValue(element)
		}
		return attribute.SliceValue(list...)
	case map[string]any:
		return attribute.MapValue(mapEntries(v)...)
	}
	return attribute.Value{} // null
}
