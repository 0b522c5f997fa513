package activitylogexporter

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// replaced are keys of earlier versions, and what to write instead.
var replaced = map[string]string{
	"sending_queue": `is not a key any more; the exporter has a queue of its own. Write "queue:" with "directory: ./storage" ` +
		`(and max_bytes, consumers, min_rows, max_rows); it is always on disk, so the extension file_storage is not needed`,
	"retry_on_failure": `is not a key any more; a batch that fails is tried again without end. Delete it`,
}

// Unmarshal implements [confmap.Unmarshaler]. It refuses keys of earlier versions
// and durations without a unit, which would be nanoseconds. An empty driver is
// the one that the DSN is for.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	var errs []error
	for _, key := range []string{"sending_queue", "retry_on_failure"} {
		if conf.IsSet(key) {
			errs = append(errs, fmt.Errorf("%s: %s", key, replaced[key]))
		}
	}
	errs = append(errs, unitless(reflect.TypeFor[Config](), conf.ToStringMap(), ""))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	if c.Driver == "" {
		c.Driver = driverOf(strings.TrimSpace(string(c.DSN)))
	}
	return nil
}

// unitless finds numbers where a configuration of type t wants durations.
func unitless(t reflect.Type, values map[string]any, prefix string) error {
	var errs []error
	for field := range t.Fields() {
		key := field.Tag.Get("mapstructure")
		value, ok := values[key]
		if !ok {
			continue
		}
		switch inner, isMap := value.(map[string]any); {
		case isMap && field.Type.Kind() == reflect.Struct:
			errs = append(errs, unitless(field.Type, inner, prefix+key+"::"))
		case field.Type == reflect.TypeFor[time.Duration]() || field.Type == reflect.TypeFor[Retention]():
			if isNumber(value) {
				errs = append(errs, fmt.Errorf(`%s%s: must have a unit, such as "%vs"; got %v`, prefix, key, value, value))
			}
		}
	}
	return errors.Join(errs...)
}

// isNumber reports whether a value is a number other than 0.
func isNumber(value any) bool {
	v := reflect.ValueOf(value)
	return (v.CanInt() || v.CanUint() || v.CanFloat()) && !v.IsZero()
}
