package apps_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestUserFile runs the tests of languages/node/user.cjs that need no packages.
func TestUserFile(t *testing.T) { nodeTest(t, "user.test.cjs") }

// nodeTest runs a file of tests of languages/node.
func nodeTest(t *testing.T, file string, env ...string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		testserver.Missing(t, "Node.js is not installed: %v; run make clients", err)
	}
	cmd := exec.Command("node", "--test", filepath.Join(collectortest.Root(t), "languages", "node", file))
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
