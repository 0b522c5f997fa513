package artifacts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The version comes from the tag of the repository, although modules have tags of the same
// commit, and higher ones. What is to be built does not matter here: goreleaser is a script.
func TestTag(t *testing.T) {
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, ".", "clone", "--quiet", "--no-local", "--depth=1", "file://"+repository(t), clone)
	tools := t.TempDir()
	const say = "#!/bin/sh\necho \"tag $GORELEASER_CURRENT_TAG, $*\"\n"
	if err := os.WriteFile(filepath.Join(tools, "goreleaser"), []byte(say), 0o755); err != nil {
		t.Fatal(err)
	}
	copyFile(t, "../goreleaser.sh", filepath.Join(clone, "packaging", "goreleaser.sh"))
	for _, test := range []struct{ tag, want string }{
		{"", "tag , release --snapshot --clean --config .goreleaser.yaml"},
		{"instrument/v0.9.0", "tag , release"},
		{"v0.1.0", "tag v0.1.0, release"},
		{"zz/v3.0.0", "tag v0.1.0, release"},
		{"vocabulary/v0.1.0", "tag v0.1.0, release"},
	} {
		if test.tag != "" {
			git(t, clone, "tag", test.tag)
		}
		cmd := exec.Command("sh", "packaging/goreleaser.sh", "release", "--snapshot")
		cmd.Dir = clone
		cmd.Env = append(os.Environ(), "RELEASE_TOOLS="+tools, "RELEASE_PLATFORMS=", "GORELEASER_CURRENT_TAG=")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), test.want) {
			t.Errorf("after the tag %q: got %q, %v, want %q", test.tag, out, err, test.want)
		}
	}
}

func repository(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o755); err != nil {
		t.Fatal(err)
	}
}
