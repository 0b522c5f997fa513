package activitylogexporter

import (
	"errors"
	"fmt"
	"reflect"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/unit"
)

// replaced are keys of earlier versions, and what to write instead.
var replaced = map[string]string{
	"sending_queue": `is not a key any more; the exporter has a queue of its own. Write "queue:" with "directory: ./storage" ` +
		`(and max_bytes, consumers, min_rows, max_rows); it is always on disk, so the extension file_storage is not needed`,
	"retry_on_failure": `is not a key any more; a batch that fails is tried again without end. Delete it`,
}

// Unmarshal implements [confmap.Unmarshaler]. It refuses keys of earlier versions
// and durations without a unit, which would be nanoseconds.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	var errs []error
	for _, key := range []string{"sending_queue", "retry_on_failure"} {
		if conf.IsSet(key) {
			errs = append(errs, fmt.Errorf("%s: %s", key, replaced[key]))
		}
	}
	errs = append(errs, unit.Check(reflect.TypeFor[Config](), conf.ToStringMap()))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return conf.Unmarshal(c)
}
