// Package repotest makes small repositories for tests.
package repotest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/git"
)

// Small is a repository of four modules, in the form of ours: the root, a library, a program
// that the collector side has, and a test that is not published.
const Small = `
-- go.mod --
module example.com/m

go 1.25.0
-- m.go --
// Package m has words.
package m

// Word is a word.
const Word = "word"

// Length is the length of a text.
func Length(text string) int { return len(text) }
-- LICENSE --
a licence
-- CHANGELOG.md --
# Changelog

## Unreleased

- All of it.
-- README.md --
Run go install example.com/m/collector@v0.1.0, or the image activitylog:0.1.0.
Files: activitylog_0.1.0_amd64.deb, activitylog-0.1.0-1.x86_64.rpm.
-- versions.yaml --
# The modules.
module-sets:
  service:
    version: v0.0.0
    modules:
      - example.com/m
      - example.com/m/instrument
  collector:
    version: v0.0.0
    modules:
      - example.com/m/collector
excluded-modules:
  - example.com/m/e2e
-- instrument/go.mod --
module example.com/m/instrument

go 1.25.0

require example.com/m v0.0.0

replace example.com/m => ../
-- instrument/scope.go --
// Package instrument has a version.
package instrument

import "example.com/m"

// Version is the version.
const Version = "0.1.0"

// Words are words.
var Words = []string{m.Word}
-- collector/go.mod --
// The collector.
module example.com/m/collector

go 1.25.0

require example.com/m v0.0.0 // the vocabulary

replace example.com/m => ../
-- collector/go.sum --
example.com/a v1.0.0/go.mod h1:fEypdh04iRR1ZB6q0MqVF0ve6msS9xQ0nPadCWQjdpk=
example.com/z v1.0.0/go.mod h1:fEypdh04iRR1ZB6q0MqVF0ve6msS9xQ0nPadCWQjdpk=
-- collector/main.go --
// Command collector prints its version.
package main

import "example.com/m"

var info = struct{ Version string }{
	Version: "0.1.0",
}

func main() { println(info.Version, m.Word, "example.com/m v0.0.0") }
-- collector/builder-config.yaml --
dist:
  module: example.com/m/collector
  version: 0.1.0

exporters:
  - gomod: example.com/m v0.0.0

# Our own modules come from this repository.
replaces:
  - example.com/m => ../
-- semconv/manifest.yaml --
schema_url: https://example.com/m/semconv/0.1.0
dependencies:
  - schema_url: https://opentelemetry.io/schemas/1.40.0
-- packaging/kustomization.yaml --
images: [{newTag: 0.1.0}] # an overlay names ?ref=v0.1.0
-- packaging/compose.yaml --
image: collector:${ACTIVITYLOG_VERSION:-0.1.0}
-- e2e/go.mod --
module example.com/m/e2e

go 1.25.0

require example.com/m/instrument v0.0.0-00010101000000-000000000000

require example.com/m v0.0.0 // indirect

replace (
	example.com/m => ../
	example.com/m/instrument => ../instrument
)
-- e2e/e2e_test.go --
package e2e

import _ "example.com/m/instrument"
`

// New makes a repository with one commit on branch main, and returns its folder.
func New(t testing.TB, archive string) string {
	t.Helper()
	root := t.TempDir()
	Write(t, root, archive)
	Git(t, root, "init", "--quiet", "--initial-branch", "main")
	Git(t, root, "config", "user.name", "Test")
	Git(t, root, "config", "user.email", "test@example.com")
	Commit(t, root, "first")
	return root
}

// Clone clones this repository, at its last commit, so that a release can be made of it, and
// returns the folder. Its branch is main, whichever this clone is on.
func Clone(t testing.TB) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "clone")
	Git(t, ".", "clone", "--quiet", Git(t, ".", "rev-parse", "--show-toplevel"), root)
	Git(t, root, "switch", "--quiet", "--force-create", "main")
	Git(t, root, "config", "user.name", "Test")
	Git(t, root, "config", "user.email", "test@example.com")
	// After a release there is nothing to release until somebody adds something.
	file := filepath.Join(root, "CHANGELOG.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "## Unreleased\n", "## Unreleased\n\n- A test.\n", 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	Commit(t, root, "a change")
	return root
}

// Commit commits all changes.
func Commit(t testing.TB, root, subject string) {
	t.Helper()
	Git(t, root, "add", "--all")
	Git(t, root, "commit", "--quiet", "-m", subject)
}

// Write writes the files of an archive, each after a line "-- name --", below a folder.
func Write(t testing.TB, root, archive string) {
	t.Helper()
	for part := range strings.SplitSeq("\n"+archive, "\n-- ") {
		name, text, ok := strings.Cut(part, " --\n")
		if !ok {
			continue
		}
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			text = strings.TrimRight(text, "\n") + "\n"
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Git runs git and returns what it prints.
func Git(t testing.TB, root string, args ...string) string {
	t.Helper()
	out, err := git.Run(root, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
