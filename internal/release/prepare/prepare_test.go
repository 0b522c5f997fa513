package prepare_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/api"
	"github.com/otelactivity/activitylog/internal/release/prepare"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

var update = flag.Bool("update", false, "write testdata again")

// TestRun makes two releases of a small repository, and compares what they change with
// testdata.
func TestRun(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	first, err := prepare.Run(root, "v0.1.0", "2026-11-27")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"v0.1.0", "collector/v0.1.0", "instrument/v0.1.0"}; !slices.Equal(first.Tags, want) {
		t.Errorf("got tags %q, want %q", first.Tags, want)
	}
	for _, tag := range first.Tags {
		if got := repotest.Git(t, root, "rev-parse", tag+"^{commit}"); got != first.Commit {
			t.Errorf("tag %s is at %s, want %s", tag, got, first.Commit)
		}
		if got := repotest.Git(t, root, "cat-file", "-t", tag); got != "tag" {
			t.Errorf("tag %s is a %s; it is to have an author and a date", tag, got)
		}
	}
	if got := repotest.Git(t, root, "status", "--porcelain"); got != "" || first.Branch != "main" {
		t.Errorf("on branch %q the clone has changes: %s", first.Branch, got)
	}
	if got := repotest.Git(t, root, "rev-parse", "HEAD^"); got != first.Commit {
		t.Errorf("the release is not the commit before the last: %s", got)
	}
	if len(first.Left) != 0 {
		t.Errorf("got lines that were left: %q", first.Left)
	}
	golden(t, "first", repotest.Git(t, root, "diff", "HEAD~2", "HEAD~1"))
	golden(t, "develop", repotest.Git(t, root, "diff", "HEAD~1", "HEAD"))

	repotest.Write(t, root, "-- other.txt --\nVersion 0.1.0 is the newest.\n")
	changelog := strings.Replace(read(t, root, "CHANGELOG.md"), "## Unreleased\n", "## Unreleased\n\n- More of it.\n", 1)
	repotest.Write(t, root, "-- CHANGELOG.md --\n"+changelog)
	repotest.Commit(t, root, "more")
	second, err := prepare.Run(root, "v0.2.0", "2026-12-24")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "second", repotest.Git(t, root, "diff", "HEAD~2", "HEAD~1"))
	before := repotest.Git(t, root, "rev-parse", "HEAD~2")
	giveUp(t, root)
	if got := repotest.Git(t, root, "rev-parse", "HEAD"); got != before || strings.Contains(repotest.Git(t, root, "tag"), second.Version) {
		t.Errorf("it was not given up: %s", got)
	}
	if want := []string{"other.txt:1: Version 0.1.0 is the newest."}; !slices.Equal(second.Left, want) {
		t.Errorf("got %q, want %q", second.Left, want)
	}
}

// giveUp runs the commands of docs/maintain/release.md.
func giveUp(t *testing.T, root string) {
	t.Helper()
	_, section, _ := strings.Cut(read(t, "../../..", "docs/maintain/release.md"), "\n## To give it up\n")
	_, lines, _ := strings.Cut(section, "```sh\n")
	lines, _, _ = strings.Cut(lines, "```")
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c", lines)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestRunRefuses checks that a release that cannot be made changes nothing.
func TestRunRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		version string
		before  func(t *testing.T, root string)
		want    string
	}{
		"no v":              {"0.1.0", nil, `VERSION must be like "v0.1.0" or "v0.1.0-rc.1"; got "0.1.0"`},
		"two numbers":       {"v0.1", nil, `VERSION must be like`},
		"build metadata":    {"v0.1.0+1", nil, `VERSION must be like`},
		"another suffix":    {"v0.1.0-1", nil, `VERSION must be like`},
		"nothing":           {"", nil, `VERSION must be like`},
		"version 2":         {"v2.0.0", nil, "the paths of the modules end without /v2"},
		"too early":         {"v0.0.0", nil, "VERSION must be later than v0.0.0"},
		"changes":           {"v0.1.0", writes("README.md", "changed"), "the clone has changes that are not committed; commit or stash them first:\nM README.md"},
		"a file of nobody":  {"v0.1.0", writes("new.go", "package m"), "?? new.go"},
		"the root's tag":    {"v0.1.0", runs("tag", "v0.1.0"), "these tags exist: v0.1.0"},
		"the tag of one":    {"v0.1.0", runs("tag", "instrument/v0.1.0"), "these tags exist: instrument/v0.1.0"},
		"a later tag":       {"v0.1.0", runs("tag", "v0.2.0"), `VERSION must be later than the tag v0.2.0 on branch main; got "v0.1.0"`},
		"no branch":         {"v0.1.0", runs("switch", "--quiet", "--detach"), "the clone is on no branch"},
		"another branch":    {"v0.1.0", runs("switch", "--quiet", "-c", "topic"), "v0.1.0 must be released on branch main or release/v0.1.x; the clone is on branch topic"},
		"another's patches": {"v0.1.0", runs("switch", "--quiet", "-c", "release/v0.2.x"), "the clone is on branch release/v0.2.x"},
		"an old branch":     {"v0.1.0", behind, "branch main is old: it lacks 1 commits of origin/main; run git pull"},
		"nothing new":       {"v0.1.0", commits("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.0.9 - 2026-01-01\n\n- Old.\n"), "edit CHANGELOG.md: nothing is listed below"},
		"no list":           {"v0.1.0", commits("CHANGELOG.md", "# Changelog\n"), "edit CHANGELOG.md: there is no heading"},
		"a wrong module":    {"v0.1.0", commits("new/go.mod", "module example.com/m/new\n"), "module example.com/m/new must be in one module set"},
		"a wrong require":   {"v0.1.0", commits("instrument/go.mod", "module example.com/m/instrument\n\nrequire example.com/m/e2e v0.0.0\n"), "the modules cannot be released: instrument/go.mod requires"},
		"a foreign replace": {"v0.1.0", commits("collector/go.mod", "module example.com/m/collector\n\nreplace example.com/other => ../../other\n"), "it replaces modules of others"},
		"no author":         {"v0.1.0", runs("config", "user.name", " "), "name consists only of disallowed characters"},
		"a hook, checkout":  {"v0.1.0", hooks("post-checkout", "exit 1"), "check "},
		"a hook, commit":    {"v0.1.0", hooks("prepare-commit-msg", "echo not today >&2; exit 1"), "commit the release: git commit: exit status 1: not today"},
		"a hook, tags":      {"v0.1.0", hooks("reference-transaction", `test "$1" != prepared || ! grep -q refs/tags`), "move branch main and make the tags: "},
		"a tag in the way":  {"v0.1.0", runs("tag", "instrument/v0.1.0/x"), "move branch main and make the tags: "},
	} {
		t.Run(name, func(t *testing.T) {
			root := repotest.New(t, repotest.Small)
			if test.before != nil {
				test.before(t, root)
			}
			state := func() string {
				return repotest.Git(t, root, "rev-parse", "HEAD") + repotest.Git(t, root, "tag") + repotest.Git(t, root, "status", "--porcelain") + repotest.Git(t, root, "worktree", "list")
			}
			before := state()
			_, err := prepare.Run(root, test.version, "2026-11-27")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if after := state(); after != before {
				t.Errorf("the clone changed from\n%s to\n%s", before, after)
			}
		})
	}
}

// TestRunKeepsChanges changes a file of the clone while the release is made.
func TestRunKeepsChanges(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	hooks("prepare-commit-msg", "echo mine >>"+filepath.Join(root, "README.md"))(t, root)
	before := repotest.Git(t, root, "rev-parse", "HEAD")
	if _, err := prepare.Run(root, "v0.1.0", "2026-11-27"); err == nil || !strings.Contains(err.Error(), "not committed; commit or stash them first:\nM README.md") {
		t.Errorf("got %v", err)
	}
	if got := read(t, root, "README.md"); !strings.HasSuffix(got, "\nmine\n") && !strings.HasSuffix(got, "\nmine\nmine\n") {
		t.Errorf("the change is lost:\n%s", got)
	}
	if got := repotest.Git(t, root, "rev-parse", "HEAD") + repotest.Git(t, root, "tag"); got != before {
		t.Errorf("got %s, want %s and no tags", got, before)
	}
}

// TestPatch releases a patch of a version while main has the next one.
func TestPatch(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	release := func(version, want string) {
		t.Helper()
		changelog := strings.Replace(read(t, root, "CHANGELOG.md"), "## Unreleased\n", "## Unreleased\n\n- More.\n", 1)
		commits("CHANGELOG.md", changelog)(t, root)
		r, err := prepare.Run(root, version, "2026-11-27")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Fatalf("%s: got %v, want %q", version, err, want)
		}
		if branch := repotest.Git(t, root, "branch", "--show-current"); err == nil && r.Branch != branch {
			t.Errorf("%s is on branch %s, want %s", version, r.Branch, branch)
		}
	}
	release("v0.1.0", "")
	repotest.Git(t, root, "branch", "release/v0.1.x")
	repotest.Git(t, root, "branch", "old")
	release("v0.2.0", "")
	repotest.Git(t, root, "switch", "--quiet", "release/v0.1.x")
	release("v0.2.1", "the clone is on branch release/v0.1.x")
	release("v0.1.1", "")
	release("v0.1.2", "")
	repotest.Git(t, root, "switch", "--quiet", "--force-create", "release/v0.1.x", "old")
	release("v0.1.0", "VERSION must be later than v0.1.0")
	release("v0.1.1", "VERSION must be later than the tag v0.1.2 on branch release/v0.1.x")
	release("v0.1.2", "these tags exist: collector/v0.1.2")
	repotest.Git(t, root, "switch", "--quiet", "main")
	release("v0.2.1", "")
}

// TestCandidate releases a candidate, another with an incompatible change, and the version.
func TestCandidate(t *testing.T) {
	root := repotest.New(t, repotest.Small)
	for _, version := range []string{"v0.1.0-rc.1", "v0.1.0-rc.2", "v0.1.0"} {
		changelog := strings.Replace(read(t, root, "CHANGELOG.md"), "## Unreleased\n", "## Unreleased\n\n- More.\n", 1)
		repotest.Write(t, root, "-- "+api.AcceptedFile+" --\n# As it is printed.\nexample.com/m: Length: removed\n")
		commits("CHANGELOG.md", changelog)(t, root)
		r, err := prepare.Run(root, version, "2026-11-27")
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Left) != 0 {
			t.Errorf("got lines that were left: %q", r.Left)
		}
		if last, err := api.LastTag(root); err != nil || last != version {
			t.Errorf("the last release: got %q, %v, want %s", last, err, version)
		}
		want := "Run go install example.com/m/collector@" + version + ", or the image activitylog:" + strings.TrimPrefix(version, "v") + ".\n"
		if got := read(t, root, "README.md"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got\n%s", version, got)
		}
	}
	repotest.Write(t, root, "-- "+api.AcceptedFile+" --\nexample.com/m: Length: removed\n-- CHANGELOG.md --\n# Changelog\n\n## Unreleased\n\n- Less.\n")
	repotest.Commit(t, root, "remove Length")
	if _, err := prepare.Run(root, "v0.1.1-rc.1", "2026-11-27"); err == nil || !strings.Contains(err.Error(), "VERSION must be v0.2.0 or later") {
		t.Errorf("a candidate of a patch with an incompatible change: got %v", err)
	}
}

// behind makes main follow a branch that has one more commit.
func behind(t *testing.T, root string) {
	commits("README.md", "later")(t, root)
	repotest.Git(t, root, "update-ref", "refs/remotes/origin/main", "HEAD")
	repotest.Git(t, root, "reset", "--quiet", "--hard", "HEAD^")
	repotest.Git(t, root, "remote", "add", "origin", "https://example.com/m")
	repotest.Git(t, root, "branch", "--quiet", "--set-upstream-to", "origin/main")
}

func hooks(name, script string) func(*testing.T, string) {
	return func(t *testing.T, root string) {
		file := filepath.Join(root, ".git", "hooks", name)
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func writes(name, text string) func(*testing.T, string) {
	return func(t *testing.T, root string) { repotest.Write(t, root, "-- "+name+" --\n"+text) }
}

func commits(name, text string) func(*testing.T, string) {
	return func(t *testing.T, root string) {
		repotest.Write(t, root, "-- "+name+" --\n"+text)
		repotest.Commit(t, root, "change")
	}
}

func runs(args ...string) func(*testing.T, string) {
	return func(t *testing.T, root string) { repotest.Git(t, root, args...) }
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".diff")
	var kept []string
	for line := range strings.Lines(got + "\n") {
		if !strings.HasPrefix(line, "index ") {
			kept = append(kept, line)
		}
	}
	got = strings.Join(kept, "")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}
