package lookup

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelactivity/activitylog/internal/sqldsntest"
)

// TestSharedDSNs: what the exporter takes, a lookup takes.
func TestSharedDSNs(t *testing.T) {
	for _, c := range sqldsntest.Cases {
		_, err := connect(&SQLConfig{Driver: Driver(c.Driver), DSN: configopaque.String(c.DSN)})
		if c.OK {
			require.NoError(t, err, c.DSN)
			continue
		}
		if assert.Error(t, err, c.DSN) {
			assert.NotContains(t, err.Error(), sqldsntest.Password, c.DSN)
		}
	}
}
