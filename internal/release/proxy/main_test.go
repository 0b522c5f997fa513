package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/prepare"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

func TestRun(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	proxy := filepath.Join(t.TempDir(), "proxy")
	if _, err := run(root, []string{"v0.1.0", proxy}); err == nil || !strings.Contains(err.Error(), "there is no tag v0.1.0 in this clone") {
		t.Errorf("before the release: %v", err)
	}
	if _, err := prepare.Run(root, "v0.1.0", "2026-11-27"); err != nil {
		t.Fatal(err)
	}
	text, err := run(root, []string{"v0.1.0", proxy})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "3 modules of v0.1.0 are in "+proxy) || !strings.Contains(text, "GOPROXY=file://"+proxy+",") ||
		!strings.Contains(text, "GONOSUMDB=example.com/m,example.com/m/* ") {
		t.Errorf("it says\n%s", text)
	}
	for _, name := range []string{"example.com/m/@v/v0.1.0.zip", "example.com/m/instrument/@v/v0.1.0.mod", "example.com/m/collector/@v/v0.1.0.info"} {
		if info, err := os.Stat(filepath.Join(proxy, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(proxy, "example.com/m/e2e")); err == nil {
		t.Error("a module of tests is published")
	}
	if _, err := run(root, []string{"v0.1.0", proxy}); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("into the same folder: %v", err)
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{nil, {"v0.1.0"}, {"", "/tmp/x"}, {"v0.1.0", ""}, {"v0.1.0", "a", "b"}} {
		if _, err := run(t.TempDir(), args); err == nil || !strings.Contains(err.Error(), "want VERSION=v0.1.0") {
			t.Errorf("%q: %v", args, err)
		}
	}
}
