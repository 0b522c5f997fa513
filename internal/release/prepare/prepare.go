// Package prepare makes the commits and tags of a release in a clone. It pushes nothing.
package prepare

import (
	"fmt"
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

// Run makes a release of the repository in a folder, which must be a clean clone on branch main
// or a branch of patches, "release/v0.1.x": a commit in which each go.mod requires its siblings
// by version, the tags of that commit, and a second commit, in which programs take their siblings
// from the clone again. Date is that in CHANGELOG.md, "2026-11-27". If it fails, the clone is as
// it was.
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
	before, err := git.Run(root, "rev-parse", "HEAD")
	if err != nil {
		return nil, fmt.Errorf("look for the last commit: %w", err)
	}
	var last string
	err = git.InWorktree(root, before, func(work string) (err error) {
		last, err = r.commits(work, all, date)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.publish(root, before, last); err != nil {
		return nil, err
	}
	return r, nil
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
	branch, err := checkBranch(root, version)
	if err != nil {
		return "", err
	}
	if err := checkClean(root); err != nil {
		return "", err
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

// checkClean returns an error if the clone has files that are not committed.
func checkClean(root string) error {
	changed, err := git.Run(root, "status", "--porcelain", "--untracked-files=all")
	if err != nil {
		return fmt.Errorf("look for changes: %w", err)
	}
	if changed != "" {
		return fmt.Errorf("the clone has changes that are not committed; commit or stash them first:\n%s", changed)
	}
	return nil
}

// checkAPI lets incompatible changes be released with a new minor version alone, 0.2.0 after
// 0.1.0, or after a candidate of one, 0.2.0-rc.1.
func checkAPI(root, version string, versions modules.Versions) error {
	accepted, err := api.Accepted(root)
	if err != nil {
		return err
	}
	for _, set := range versions.Sets {
		if len(accepted) > 0 && semver.MajorMinor(version) == semver.MajorMinor(set.Version) {
			var major, minor, patch int
			if _, err := fmt.Sscanf(set.Version, "v%d.%d.%d", &major, &minor, &patch); err != nil {
				return fmt.Errorf("read version %s of %s: %w", set.Version, modules.VersionsFile, err)
			}
			if semver.Prerelease(set.Version) != "" && patch == 0 {
				continue
			}
			return fmt.Errorf("VERSION must be v%d.%d.0 or later, because %s has incompatible changes; got %q", major, minor+1, api.AcceptedFile, version)
		}
	}
	return nil
}

// publish moves the branch and makes the tags, all or none. Git changes all of them in one
// transaction. The files change before it, since that can be undone.
func (r *Release) publish(root, before, last string) error {
	tagger, err := git.Run(root, "var", "GIT_COMMITTER_IDENT")
	if err != nil {
		return fmt.Errorf("tag the release: %w", err)
	}
	var updates strings.Builder
	fmt.Fprintf(&updates, "update refs/heads/%s %s %s\n", r.Branch, last, before)
	for _, tag := range r.Tags {
		object, err := git.RunWith(root, fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\n%s\n", r.Commit, tag, tagger, tag), "mktag")
		if err != nil {
			return fmt.Errorf("tag the release: %w", err)
		}
		fmt.Fprintf(&updates, "create refs/tags/%s %s\n", tag, object)
	}
	if err := checkClean(root); err != nil { // still
		return err
	}
	if _, err := git.Run(root, "read-tree", "-m", "-u", before, last); err != nil {
		return fmt.Errorf("change the files of branch %s: %w", r.Branch, err)
	}
	if _, err := git.RunWith(root, updates.String(), "update-ref", "-m", "release "+r.Version, "--stdin"); err != nil {
		err = fmt.Errorf("move branch %s and make the tags: %w", r.Branch, err)
		if _, undo := git.Run(root, "read-tree", "-m", "-u", last, before); undo != nil {
			err = fmt.Errorf("%w; undo it by git reset --hard: %w", err, undo)
		}
		return err
	}
	return nil
}
