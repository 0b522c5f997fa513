// Package prepare makes the commits and tags of a release in a clone. It pushes nothing.
package prepare

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/otelactivity/activitylog/internal/release/api"
	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
)

// A Release is what was made.
type Release struct {
	Version string   // "v0.1.0"
	Branch  string   // that got the two commits
	Commit  string   // that the tags name
	Tags    []string // of all published modules, the root's first
	Left    []string // lines that still have the version before, which somebody must look at
}

// Run makes a release of the repository in a folder, which must be a clean clone: a commit in
// which each go.mod requires its siblings by version, the tags of that commit, and a second
// commit, in which programs take their siblings from the clone again. Date is that in
// CHANGELOG.md, "2026-11-27". If it fails, the clone is as it was.
//
// Everything is prepared in another worktree. The branch and the tags change at the end.
func Run(root, version, date string) (*Release, error) {
	all, err := modules.Load(root)
	if err != nil {
		return nil, err
	}
	r := &Release{Version: version}
	for _, m := range all {
		if m.Published() {
			r.Tags = append(r.Tags, m.Tag(version))
		}
	}
	if r.Branch, err = check(root, version, r.Tags, all); err != nil {
		return nil, err
	}
	parent, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the release: %w", err)
	}
	defer func() { _ = os.RemoveAll(parent) }()
	work := filepath.Join(parent, "work")
	if _, err := git.Run(root, "worktree", "add", "--detach", work, "HEAD"); err != nil {
		return nil, fmt.Errorf("prepare the release: %w", err)
	}
	defer func() { _, _ = git.Run(root, "worktree", "remove", "--force", work) }()
	last, err := r.commits(work, all, date)
	if err != nil {
		return nil, err
	}
	return r, r.publish(root, last)
}

var wellFormed = regexp.MustCompile(`^v` + number + `$`)

// check returns the branch of the clone, or why there can be no release.
func check(root, version string, tags []string, all []modules.Module) (string, error) {
	if !wellFormed.MatchString(version) || !semver.IsValid(version) {
		return "", fmt.Errorf(`VERSION must be like "v0.1.0" or "v0.1.0-rc.1"; got %q`, version)
	}
	if major := semver.Major(version); major != "v0" && major != "v1" {
		return "", fmt.Errorf("VERSION must be v0 or v1, because the paths of the modules end without /%s; got %q", major, version)
	}
	versions, err := modules.ReadVersions(root)
	if err != nil {
		return "", err
	}
	for name, set := range versions.Sets {
		if semver.Compare(version, set.Version) <= 0 {
			return "", fmt.Errorf("VERSION must be later than %s, which %s has for the modules of %q; got %q", set.Version, modules.VersionsFile, name, version)
		}
	}
	if faults := modules.Faults(all); len(faults) > 0 {
		return "", fmt.Errorf("the modules cannot be released: %s", strings.Join(faults, "; "))
	}
	if err := checkAPI(root, version, versions); err != nil {
		return "", err
	}
	branch, err := git.Run(root, "symbolic-ref", "--short", "HEAD")
	if err != nil {
		return "", fmt.Errorf("the clone is on no branch; a release adds commits to one: git switch main: %w", err)
	}
	changed, err := git.Run(root, "status", "--porcelain")
	if err != nil {
		return "", fmt.Errorf("look for changes: %w", err)
	}
	if changed != "" {
		return "", fmt.Errorf("the clone has changes that are not committed; commit or stash them first:\n%s", changed)
	}
	existing, err := git.Run(root, append([]string{"tag", "--list"}, tags...)...)
	if err != nil {
		return "", fmt.Errorf("look for tags: %w", err)
	}
	if existing != "" {
		return "", fmt.Errorf("%s was released already, or a release was given up; these tags exist: %s", version, strings.Join(strings.Fields(existing), " "))
	}
	return branch, nil
}

// checkAPI lets incompatible changes be released with a new minor version alone, 0.2.0 after
// 0.1.0.
func checkAPI(root, version string, versions modules.Versions) error {
	accepted, err := api.Accepted(root)
	if err != nil {
		return err
	}
	for _, set := range versions.Sets {
		if len(accepted) > 0 && semver.MajorMinor(version) == semver.MajorMinor(set.Version) {
			var major, minor int
			if _, err := fmt.Sscanf(set.Version, "v%d.%d.", &major, &minor); err != nil {
				return fmt.Errorf("read version %s of %s: %w", set.Version, modules.VersionsFile, err)
			}
			return fmt.Errorf("VERSION must be v%d.%d.0 or later, because %s has incompatible changes; got %q", major, minor+1, api.AcceptedFile, version)
		}
	}
	return nil
}

// publish moves the branch, and makes the tags, all or none.
func (r *Release) publish(root, last string) error {
	tagger, err := git.Run(root, "var", "GIT_COMMITTER_IDENT")
	if err != nil {
		return fmt.Errorf("tag the release: %w", err)
	}
	var updates strings.Builder
	for _, tag := range r.Tags {
		object, err := git.RunWith(root, fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\n%s\n", r.Commit, tag, tagger, tag), "mktag")
		if err != nil {
			return fmt.Errorf("tag the release: %w", err)
		}
		fmt.Fprintf(&updates, "create refs/tags/%s %s\n", tag, object)
	}
	before, err := git.Run(root, "rev-parse", "HEAD")
	if err != nil {
		return fmt.Errorf("move branch %s: %w", r.Branch, err)
	}
	if _, err := git.Run(root, "merge", "--ff-only", "--quiet", last); err != nil {
		return fmt.Errorf("move branch %s: %w", r.Branch, err)
	}
	if _, err := git.RunWith(root, updates.String(), "update-ref", "--stdin"); err != nil {
		_, _ = git.Run(root, "reset", "--hard", "--quiet", before)
		return fmt.Errorf("tag the release: %w", err)
	}
	return nil
}
