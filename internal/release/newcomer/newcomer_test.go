//go:build newcomer

// Package newcomer_test makes a release in a clone, puts its modules into a module proxy on
// disk, and does outside of the repository what docs/operate/install.md and
// docs/develop/go-services.md say.
package newcomer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"

	"github.com/otelactivity/activitylog/internal/release/modules"
	"github.com/otelactivity/activitylog/internal/release/modzip"
	"github.com/otelactivity/activitylog/internal/release/prepare"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

// TestNewcomer is what somebody does who has the public module proxy, and no clone.
func TestNewcomer(t *testing.T) {
	n := arrive(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *newcomer)
	}{
		{"install", install},
		{"service", service},
		{"own collector", ownCollector},
		{"each module", eachModule},
		{"clone", cloneBuilds},
	} {
		began := time.Now()
		if !t.Run(step.name, func(t *testing.T) { step.run(t, n) }) && step.name == "install" {
			return // the others need the programs
		}
		t.Logf("%s took %.0f s", step.name, time.Since(began).Seconds())
	}
}

// newcomer is a computer that has Go.
type newcomer struct {
	home    string           // where its files are
	clone   string           // the clone that was released, for its pages; its last commit
	all     []modules.Module // as they were before the release
	version string           // "v0.1.0"
	bin     string           // what "go install" installed
	env     []string
}

// arrive releases a clone.
func arrive(t *testing.T) *newcomer {
	t.Helper()
	dir := t.TempDir()
	n := &newcomer{clone: repotest.Clone(t), home: dir, bin: filepath.Join(dir, "go", "bin")}
	var err error
	if n.all, err = modules.Load(n.clone); err != nil {
		t.Fatal(err)
	}
	n.version = next(t, n.clone)
	r, err := prepare.Run(n.clone, n.version, time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := modzip.Read(n.clone, r.Commit)
	if err != nil {
		t.Fatal(err)
	}
	proxy := filepath.Join(dir, "proxy")
	if _, err := tree.WriteProxy(proxy, n.all, n.version, "2026-11-27"); err != nil {
		t.Fatal(err)
	}
	n.env = environment(t, n.all[0].Path, filepath.Join(dir, "go"), proxy)
	return n
}

// next is the version after that of versions.yaml.
func next(t *testing.T, root string) string {
	t.Helper()
	versions, err := modules.ReadVersions(root)
	if err != nil {
		t.Fatal(err)
	}
	version := versions.Sets[modules.Service].Version
	if version == "v0.0.0" {
		return "v0.1.0"
	}
	return semver.Major(version) + ".999.0"
}

// environment is that of the newcomer: GOPATH is empty, our modules come from a proxy on disk,
// and those of others from where this computer gets them.
func environment(t *testing.T, root, gopath, proxy string) []string {
	t.Helper()
	cache := filepath.Join(filepath.Dir(gopath), "modcache")
	shareCache(t, cache, goEnv(t, "GOMODCACHE"), filepath.Dir(root))
	if sums := filepath.Join(goEnv(t, "GOPATH"), "pkg", "sumdb"); os.MkdirAll(filepath.Join(gopath, "pkg"), 0o755) == nil {
		_ = os.Symlink(sums, filepath.Join(gopath, "pkg", "sumdb"))
	}
	others := strings.TrimSuffix(strings.TrimSuffix(goEnv(t, "GOPROXY"), ",direct"), "|direct")
	var env []string
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "GO") && !strings.HasPrefix(name, "ACTIVITYLOG_") && !strings.HasPrefix(name, "OTEL_") {
			env = append(env, variable)
		}
	}
	return append(env,
		"GOPATH="+gopath, "GOMODCACHE="+cache, "GOCACHE="+goEnv(t, "GOCACHE"), "GOPROXY=file://"+proxy+","+others, "GONOSUMDB="+root+","+root+"/*",
		// What other builds on this computer compiled is of use, wherever its module cache is.
		"GOFLAGS=-trimpath -buildvcs=false -modcacherw", "CGO_ENABLED=0",
		"PATH="+filepath.Join(gopath, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// shareCache makes a module cache with links to all that another one has, but for the modules
// of one owner, "github.com/otelactivity". So these never get into the other cache, and the
// modules of others, which take gigabytes, are there once.
func shareCache(t *testing.T, cache, other, owner string) {
	t.Helper()
	for _, skip := range []string{owner, "cache/download/" + owner, "cache/vcs", "cache/lock"} {
		if err := os.MkdirAll(filepath.Join(cache, filepath.Dir(skip)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{".", filepath.Dir(owner), "cache", "cache/download", "cache/download/" + filepath.Dir(owner)} {
		entries, err := os.ReadDir(filepath.Join(other, folder))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := filepath.Join(folder, entry.Name())
			if name == owner || name == "cache/download/"+owner || name == "cache/vcs" || name == "cache/lock" {
				continue
			}
			if _, err := os.Lstat(filepath.Join(cache, name)); err == nil {
				continue // a folder of links
			}
			if err := os.Symlink(filepath.Join(other, name), filepath.Join(cache, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// sh runs lines of a shell in a folder as the newcomer, and returns what they print.
func (n *newcomer) sh(t *testing.T, dir, lines string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", lines)
	cmd.Dir, cmd.Env = dir, n.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v: %s", lines, err, out)
	}
	return string(out)
}
