package instrument

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/otelactivity/activitylog/activity"
)

// Limits of one entry of data, for values that contain themselves or are recorded by
// mistake.
const (
	maxDepth = 16
	maxNodes = 4096
)

// plain returns a deep copy of value that consists only of nil, bool, int64, float64,
// string, []byte, []any and map[string]any.
func plain(value any) (p any) {
	defer func() {
		if recover() != nil { // in a String or MarshalJSON method of value
			p = fmt.Sprintf("(%T cannot be recorded: it panics)", value)
		}
	}()
	c := copier{nodes: maxNodes}
	return c.copy(value, maxDepth)
}

// plainMap returns a plain copy of data.
func plainMap(data map[string]any) map[string]any {
	if len(data) == 0 {
		return nil
	}
	copied := make(map[string]any, len(data))
	for key, value := range data {
		copied[key] = plain(value)
	}
	return copied
}

// copier copies one value and stops when it gets too deep or too large.
type copier struct{ nodes int }

func (c *copier) copy(value any, depth int) any {
	if c.nodes--; c.nodes < 0 || depth == 0 {
		return "(too large to be recorded)"
	}
	switch v := value.(type) {
	case nil, bool, int64, string:
		return v
	case []byte:
		return bytes.Clone(v)
	case []any:
		list := make([]any, 0, min(len(v), c.nodes+1))
		for _, element := range v[:cap(list)] {
			list = append(list, c.copy(element, depth-1))
		}
		return list
	case map[string]any:
		return c.copyMap(v, depth)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case error:
		return v.Error()
	case json.Number: // a Stringer too
		return activity.JSONNumber(v)
	case fmt.Stringer:
		return v.String()
	}
	if number, ok := copyNumber(value); ok {
		return number
	}
	return c.copyJSON(value, depth)
}

func (c *copier) copyMap(m map[string]any, depth int) map[string]any {
	copied := make(map[string]any, min(len(m), c.nodes+1))
	for _, key := range slices.Sorted(maps.Keys(m)) { // a map that is too large keeps the same keys each time
		if c.nodes <= 0 {
			break
		}
		copied[key] = c.copy(m[key], depth-1)
	}
	return copied
}

// copyJSON copies a value of any other type by way of its JSON.
func (c *copier) copyJSON(value any, depth int) any {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("(%T cannot be recorded: it has no JSON form)", value)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return string(text)
	}
	return c.copy(decoded, depth)
}

// copyNumber copies a number of a predeclared type.
func copyNumber(value any) (any, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint:
		return activity.JSONNumber(json.Number(strconv.FormatUint(uint64(v), 10))), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return activity.JSONNumber(json.Number(strconv.FormatUint(v, 10))), true
	case float32:
		return finite(float64(v)), true
	case float64:
		return finite(v), true
	}
	return nil, false
}

// finite returns f, or its text if it is not a JSON number.
func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return f
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
