// Package blogtest builds the example service for tests.
package blogtest

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// Build compiles examples/blog and returns the path of the program.
func Build(tb testing.TB) (program string) {
	tb.Helper()
	program = filepath.Join(tb.TempDir(), "blog")
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-o", program, "./blog")
	cmd.Dir = filepath.Join(collectortest.Root(tb), "examples")
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("build the blog: %v\n%s", err, out)
	}
	return program
}
