package artifacts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// The same commit, built in another folder, gives the same bytes: programs, archives, packages,
// and SBOMs.
func TestReproducible(t *testing.T) {
	folder := disttest.Folder(t)
	tools, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(tools, "goreleaser")); err != nil {
		testserver.Missing(t, "there is no goreleaser: run make snapshot (%v)", err)
	}
	// A long name, so that a path in a program changes its size as well.
	clone := filepath.Join(t.TempDir(), "a-folder-with-quite-another-name", "activitylog")
	copyTree(t, clone, readMetadata(t).Commit)
	build := exec.Command("sh", "packaging/goreleaser.sh", "release", "--snapshot")
	build.Dir = clone
	build.Env = append(os.Environ(), "RELEASE_PLATFORMS=host", "RELEASE_TOOLS="+tools)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build again in %s: %v: %s", clone, err, out)
	}
	again := filepath.Join(clone, "dist")
	names := published(t, again, "*.tar.gz", "*.deb", "*.rpm", "*.cdx.json", "*_*/*activitylog")
	if len(published(t, folder, "*.zip")) == 0 { // dist is of one platform as well
		names = append(names, published(t, again, "*_SHA256SUMS")...)
	}
	if len(names) < 10 {
		t.Errorf("there are only %q", names)
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("it was not built before: %v", err)
		} else if first, second := sum(t, filepath.Join(folder, name)), sum(t, filepath.Join(again, name)); first != second {
			t.Errorf("%s has other bytes when it is built in another folder: %s, %s", name, first, second)
		}
	}
}

// published returns the files below a folder that patterns match.
func published(t *testing.T, folder string, patterns ...string) (names []string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			name, err := filepath.Rel(folder, file)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	return names
}

// copyTree clones the repository at a commit, and copies what has been changed since: the
// release in dist has it.
func copyTree(t *testing.T, to, commit string) {
	t.Helper()
	git(t, ".", "clone", "--quiet", "--no-checkout", "../..", to)
	git(t, to, "checkout", "--quiet", "--detach", commit)
	for file := range strings.Lines(git(t, "../..", "ls-files", "--modified", "--others", "--exclude-standard")) {
		file = strings.TrimSpace(file)
		text, err := os.ReadFile(filepath.Join("../..", file))
		if os.IsNotExist(err) {
			continue // deleted
		} else if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, file), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
