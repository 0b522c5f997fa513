// Package disttest finds what goreleaser made, for tests.
package disttest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
)

// Folder returns the folder with what goreleaser made: dist of the repository, or the environment
// variable ACTIVITYLOG_DIST.
func Folder(tb testing.TB) string {
	tb.Helper()
	folder := os.Getenv("ACTIVITYLOG_DIST")
	if folder == "" {
		folder = "../../dist"
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		tb.Fatal(err)
	}
	// It is what goreleaser writes last.
	if _, err := os.Stat(filepath.Join(folder, "artifacts.json")); err != nil {
		testserver.Missing(tb, "there is no release: run RELEASE_PLATFORMS=host make snapshot (%v)", err)
	}
	return folder
}

// File returns the one file that goreleaser made and that a pattern matches.
func File(tb testing.TB, pattern string) string {
	tb.Helper()
	found, err := filepath.Glob(filepath.Join(Folder(tb), pattern))
	if err != nil {
		tb.Fatal(err)
	}
	if len(found) != 1 {
		tb.Fatalf("%s: got %q, want one file: run make snapshot again", pattern, found)
	}
	return found[0]
}
