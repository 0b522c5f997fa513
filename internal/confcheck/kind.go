package confcheck

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// ambiguous returns why a value that the Collector takes is an error all the same, or
// "": a number is a duration in nanoseconds to it, and a fraction a whole number.
func ambiguous(t reflect.Type, value any) string {
	switch v := reflect.ValueOf(value); {
	case t.Kind() == reflect.Pointer:
		return ambiguous(t.Elem(), value)
	case !isNumber(v):
		return ""
	case isDuration(t) && !v.IsZero():
		return fmt.Sprintf(`must have a unit, such as "%s"; got %v`, exampleOf(t), value)
	case isWhole(t.Kind()) && v.CanFloat() && v.Float() != math.Trunc(v.Float()):
		return fmt.Sprintf("must be a whole number; got %v", value)
	}
	return ""
}

// describe returns what is wrong with a value of a type, or "". It never writes the
// value of a secret.
func describe(t reflect.Type, value any) string {
	switch {
	case value == nil:
		return ""
	case t.Kind() == reflect.Pointer:
		return describe(t.Elem(), value)
	case readsText(t) && isText(value):
		if err := reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(value.(string))); err != nil {
			return err.Error()
		}
		return ""
	case isMap(t):
		return describeMap(t, value)
	case t.Kind() == reflect.Slice:
		return describeList(t, value)
	case fits(t, value):
		return ""
	case isSecret(t) && !isStructure(value):
		return wanted(t)
	}
	return wanted(t) + "; got " + shown(value)
}

func describeMap(t reflect.Type, value any) string {
	members, ok := value.(map[string]any)
	if !ok {
		return wanted(t) + "; got " + shown(value)
	}
	if t.Kind() != reflect.Map {
		return "" // reports its own problems
	}
	for _, key := range sortedKeys(members) {
		if problem := describe(t.Elem(), members[key]); problem != "" {
			return fmt.Sprintf("has %q, which %s", key, problem)
		}
	}
	return ""
}

func describeList(t reflect.Type, value any) string {
	elements, ok := value.([]any)
	if !ok {
		return wanted(t) + "; got " + shown(value)
	}
	for i, element := range elements {
		if problem := describe(t.Elem(), element); problem != "" {
			return fmt.Sprintf("has entry %d, which %s", i, problem)
		}
	}
	return ""
}

// wanted says what a value of a type must be.
func wanted(t reflect.Type) string {
	switch kind := t.Kind(); {
	case isDuration(t):
		return `must be a duration, such as "` + exampleOf(t) + `"`
	case isMap(t):
		return "must be a map"
	case kind == reflect.Slice:
		return "must be a list"
	case kind == reflect.Bool:
		return "must be true or false"
	case isWhole(kind):
		return "must be a whole number"
	case kind == reflect.Float64:
		return "must be a number"
	}
	return "must be text"
}

// shown writes a value for an error.
func shown(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		return fmt.Sprintf("%.60q", v)
	}
	return fmt.Sprint(value)
}

func fits(t reflect.Type, value any) bool {
	switch v := reflect.ValueOf(value); t.Kind() {
	case reflect.Bool, reflect.String:
		return v.Kind() == t.Kind()
	case reflect.Int, reflect.Int64, reflect.Float64:
		return isNumber(v)
	}
	return true
}

func isMap(t reflect.Type) bool { return t.Kind() == reflect.Map || t.Kind() == reflect.Struct }

func isWhole(kind reflect.Kind) bool { return kind == reflect.Int || kind == reflect.Int64 }

func isText(value any) bool { _, ok := value.(string); return ok }

func isNumber(v reflect.Value) bool {
	return v.IsValid() && (v.CanInt() || v.CanUint() || v.CanFloat())
}

func isStructure(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// isSecret reports whether a type is a text that is written in another form, such as
// a configopaque.String.
func isSecret(t reflect.Type) bool {
	return t.Kind() == reflect.String && t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// isDuration reports whether a type is a [time.Duration], or one of its kind that is
// read from text, such as an age in days.
func isDuration(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || t.Kind() == reflect.Int64 && readsText(t)
}

// Exampler is a duration whose usual values are not seconds. An error about one without
// a unit has its example: whoever takes "30s" as the model for an age of days loses rows.
type Exampler interface {
	Example() string // "400d"
}

// exampleOf returns an example of a duration.
func exampleOf(t reflect.Type) string {
	if has, ok := reflect.Zero(t).Interface().(Exampler); ok {
		return has.Example()
	}
	return "30s"
}

var _ confmap.Validator = Duration(0)
