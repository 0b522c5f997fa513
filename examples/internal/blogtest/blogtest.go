// Package blogtest builds the example service for tests.
package blogtest

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Build compiles the blog for a test in a folder beside it, and returns the
// program.
func Build(tb testing.TB) (program string) {
	tb.Helper()
	program = filepath.Join(tb.TempDir(), "blog")
	out, err := exec.CommandContext(tb.Context(), "go", "build", "-o", program, "../blog").CombinedOutput()
	if err != nil {
		tb.Fatalf("build the blog: %v\n%s", err, out)
	}
	return program
}
