package activitylogexporter

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelactivity/activitylog/internal/sqldsntest"
)

// TestSharedDSNs: what the lookups of the processor take, the exporter takes.
func TestSharedDSNs(t *testing.T) {
	for _, c := range sqldsntest.Cases {
		cfg := createDefaultConfig().(*Config)
		cfg.Driver, cfg.DSN = Driver(c.Driver), configopaque.String(c.DSN)
		switch err := cfg.Validate(); {
		case c.OK && err != nil:
			t.Errorf("%s: %v", c.DSN, err)
		case !c.OK && err == nil:
			t.Errorf("%s: no error", c.DSN)
		case err != nil && strings.Contains(err.Error(), sqldsntest.Password):
			t.Errorf("%s: the error has the password: %v", c.DSN, err)
		}
	}
}
