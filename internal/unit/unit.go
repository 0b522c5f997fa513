// Package unit finds durations without a unit in a configuration: for the Collector,
// "timeout: 30" is 30 nanoseconds.
package unit

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Check returns an error for each number other than 0 in a field of type t that is a
// duration. values is the configuration as it was read, by the keys of the tag
// mapstructure.
func Check(t reflect.Type, values map[string]any) error { return errors.Join(check(t, values, "")...) }

func check(t reflect.Type, value any, key string) (errs []error) {
	switch {
	case isDuration(t):
		if isNumber(value) {
			errs = append(errs, fmt.Errorf(`%s: must have a unit, such as "%vs"; got %v`, key, value, value))
		}
	case t.Kind() == reflect.Pointer:
		return check(t.Elem(), value, key)
	case optional(t) != nil:
		return check(optional(t), value, key)
	case t.Kind() == reflect.Struct:
		if values, ok := value.(map[string]any); ok {
			return checkFields(t, values, key)
		}
	case t.Kind() == reflect.Slice:
		if list, ok := value.([]any); ok {
			for i, element := range list {
				errs = append(errs, check(t.Elem(), element, fmt.Sprintf("%s::%d", key, i))...)
			}
		}
	}
	return errs
}

func checkFields(t reflect.Type, values map[string]any, prefix string) (errs []error) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		if strings.Contains(options, "squash") {
			errs = append(errs, check(field.Type, values, prefix)...)
			continue
		}
		if value, ok := values[name]; ok {
			key := name
			if prefix != "" {
				key = prefix + "::" + name
			}
			errs = append(errs, check(field.Type, value, key)...)
		}
	}
	return errs
}

// optional returns the type that a configoptional.Optional may have, or nil.
func optional(t reflect.Type) reflect.Type {
	get, ok := reflect.PointerTo(t).MethodByName("Get")
	if t.Kind() != reflect.Struct || !ok || get.Type.NumIn() != 1 || get.Type.NumOut() != 1 || get.Type.Out(0).Kind() != reflect.Pointer {
		return nil
	}
	return get.Type.Out(0).Elem()
}

// isDuration reports whether a type is a [time.Duration], or one of its kind that
// is read from text, such as an age in days.
func isDuration(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() ||
		t.Kind() == reflect.Int64 && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// isNumber reports whether a value is a number other than 0.
func isNumber(value any) bool {
	v := reflect.ValueOf(value)
	return (v.CanInt() || v.CanUint() || v.CanFloat()) && !v.IsZero()
}
