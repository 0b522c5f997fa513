package main

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/prepare"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

const changedWords = `
-- m.go --
// Package m has words.
package m

// Word is a word.
const Word = "word"

// Words are more.
var Words []string
-- CHANGELOG.md --
# Changelog

## Unreleased

- Less of it.

## 0.1.0 - 2026-11-27
`

// TestCheck removes an exported function between two releases.
func TestCheck(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	expect := func(name, wantError string, want ...string) {
		t.Helper()
		text, err := check(root)
		if wantError == "" && err != nil || wantError != "" && (err == nil || !strings.Contains(err.Error(), wantError)) {
			t.Errorf("%s: got %v, want %q", name, err, wantError)
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", name, part, text)
			}
		}
	}
	release := func(version string) {
		t.Helper()
		if _, err := prepare.Run(root, version, "2026-11-27"); err != nil {
			t.Fatal(err)
		}
	}
	expect("without a tag", "", "There is no tag of a release in this clone, so nothing was compared.")
	release("v0.1.0")
	expect("at the release", "", "2 modules were compared with v0.1.0: 0 compatible and 0 incompatible changes")
	repotest.Write(t, root, changedWords)
	const removed = "example.com/m: Length: removed"
	expect("without the function", "1 changes would break programs that use v0.1.0", "INCOMPATIBLE  "+removed, "compatible    example.com/m: Words: added")
	repotest.Write(t, root, "-- internal/release/accepted.txt --\n# As it is printed.\n  INCOMPATIBLE  "+removed+"\n")
	expect("accepted", "", "1 incompatible changes, of which 1 are accepted")
	repotest.Commit(t, root, "remove Length")

	if _, err := prepare.Run(root, "v0.1.1", "2026-11-27"); err == nil || !strings.Contains(err.Error(), "VERSION must be v0.2.0 or later") {
		t.Errorf("a patch release with an incompatible change: got %v", err)
	}
	release("v0.2.0")
	expect("at the next release", "", "2 modules were compared with v0.2.0: 0 compatible and 0 incompatible changes")
	repotest.Write(t, root, "-- internal/release/accepted.txt --\n"+removed+"\n")
	expect("stale", "lists changes that there are not")
}

// TestCheckModule removes a module.
func TestCheckModule(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	if _, err := prepare.Run(root, "v0.1.0", "2026-11-27"); err != nil {
		t.Fatal(err)
	}
	repotest.Git(t, root, "rm", "-r", "--quiet", "instrument", "e2e")
	repotest.Write(t, root, "-- versions.yaml --\nmodule-sets:\n  service: {version: v0.1.0, modules: [example.com/m, example.com/m/collector]}\n")
	if text, err := check(root); err == nil || !strings.Contains(text, "INCOMPATIBLE  example.com/m/instrument: the module was removed") {
		t.Errorf("got %v:\n%s", err, text)
	}
}
