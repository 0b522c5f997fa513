// Package throttle bounds how many records one service, or one tenant, may send, so that
// nobody's rows wait behind a flood of somebody else's.
package throttle

import (
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is the key throttle of the activity processor.
type Config struct {
	// Per is whose records are counted together: those of a "service" (default), by
	// service.name, or those of a "tenant", by activity.tenant.id. Records without a
	// tenant count for their service.
	Per Per `mapstructure:"per"`

	// RecordsPerSecond is how many records each of them may send in the long run. Default
	// 0, no limit.
	RecordsPerSecond confcheck.Count `mapstructure:"records_per_second"`

	// Burst is how many records each may send at once, after a pause. Default 0, what
	// RecordsPerSecond allows in ten seconds.
	Burst confcheck.Count `mapstructure:"burst"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Per is whose records are counted together.
type Per string

// The values of per.
const (
	perService Per = "service"
	perTenant  Per = "tenant"
)

// Validate implements [confmap.Validator].
func (p Per) Validate() error { return confcheck.OneOf(p, perService, perTenant) }

// DefaultConfig returns the defaults.
func DefaultConfig() Config { return Config{Per: perService} }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (cfg *Config) Unmarshal(conf *confmap.Conf) (err error) {
	cfg.problems, err = confcheck.Decode(conf, cfg, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (cfg *Config) Validate() error { return cfg.problems.Err() }

// burst returns how many records may come at once.
func (cfg *Config) burst() int {
	if cfg.Burst > 0 {
		return int(cfg.Burst)
	}
	return 10 * int(cfg.RecordsPerSecond)
}
