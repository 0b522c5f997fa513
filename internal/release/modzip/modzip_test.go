package modzip_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/modules"
	"github.com/otelactivity/activitylog/internal/release/modzip"
	"github.com/otelactivity/activitylog/internal/release/prepare"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

// TestSums compares the sums of each published module of this repository with those that the
// go command has when it gets the module from the tags of a clone, as the public proxy does.
func TestSums(t *testing.T) {
	root := repotest.Clone(t)
	all, err := modules.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	const version = "v1.999.0"
	r, err := prepare.Run(root, version, "2026-11-27")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := modzip.Read(root, r.Commit)
	if err != nil {
		t.Fatal(err)
	}
	proxy := t.TempDir()
	if _, err := tree.WriteProxy(proxy, all, version, "2026-11-27"); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if !m.Published() {
			continue
		}
		sums, err := tree.Sums(m, version)
		if err != nil {
			t.Fatal(err)
		}
		if m.Dir != "." && m.Dir != "instrument" && m.Dir != "internal/table" && m.Dir != "collector" {
			continue // the same in all respects, and Git takes its time
		}
		for name, env := range map[string][]string{
			"Git":   {"GOPROXY=direct", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url." + root + ".insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/otelactivity/activitylog", "GIT_ALLOW_PROTOCOL=file"},
			"proxy": {"GOPROXY=file://" + proxy},
		} {
			got := download(t, m.Path+"@"+version, env)
			if want := []string{m.Path + " " + version + " " + got.Sum, m.Path + " " + version + "/go.mod " + got.GoModSum}; strings.Join(sums, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s from %s: got\n%s\nwant\n%s", m.Path, name, strings.Join(sums, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// TestZip checks that a module gets the licence of the root, and no files of others.
func TestZip(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	all, err := modules.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := modzip.Read(root, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		text, err := tree.Zip(m, "v0.1.0")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "m.zip")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "unzip", "-Z1", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		names := "\n" + strings.ReplaceAll(string(out), m.Path+"@v0.1.0/", "")
		if !strings.Contains(names, "\nLICENSE\n") || !strings.Contains(names, "\ngo.mod\n") || strings.Contains(names, "/go.mod") {
			t.Errorf("%s has%s", m.Path, names)
		}
	}
	if _, err := modzip.Read(root, "v9"); err == nil || !strings.Contains(err.Error(), "read tree v9: git ") {
		t.Errorf("a tree that does not exist: got %v", err)
	}
}

type downloaded struct{ Sum, GoModSum string }

// download runs go mod download with a cache of its own.
func download(t *testing.T, module string, env []string) (d downloaded) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-modcacherw", "-json", module)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), append(env, "GONOSUMDB=*", "GOFLAGS=", "GOMODCACHE="+t.TempDir())...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod download %s: %v: %s", module, err, out)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatal(err)
	}
	return d
}
