package activityguardextension

import (
	"reflect"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/unit"
)

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal implements [confmap.Unmarshaler]. It rejects durations without a unit,
// which would be nanoseconds.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	if err := unit.Check(reflect.TypeFor[Config](), conf.ToStringMap()); err != nil {
		return err
	}
	return conf.Unmarshal(c)
}
