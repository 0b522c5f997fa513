// Package disttest finds what goreleaser made, and the version of the tree, for tests.
package disttest

import (
	"os"
	"path/filepath"
	"strings"
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

// Version returns the version of the collector in this tree, "0.1.0".
func Version(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../../collector/builder-config.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\n  version: ")
	if !ok {
		tb.Fatal("builder-config.yaml has no version")
	}
	found, _, _ := strings.Cut(after, "\n")
	return found
}
