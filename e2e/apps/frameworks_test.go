//go:build apps

package apps_test

import (
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestFrameworks tells one story to a service on each framework for Node.js.
func TestFrameworks(t *testing.T) {
	nodeTest(t, "frameworks.test.cjs", "ACTIVITYLOG_APPS="+filepath.Join(collectortest.Root(t), "bin", "apps"))
}
