package prepare

import (
	"fmt"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/otelactivity/activitylog/internal/release/git"
)

// mainBranch is the branch that releases are made on.
const mainBranch = "main"

// patchBranch is the branch that patches of a version are made on while main goes on:
// "release/v0.1.x".
func patchBranch(version string) string { return "release/" + semver.MajorMinor(version) + ".x" }

// checkBranch returns the branch that the clone is on, or why no release may be made on it.
func checkBranch(root, version string) (string, error) {
	ref, err := git.Run(root, "symbolic-ref", "HEAD")
	if err != nil {
		return "", fmt.Errorf("the clone is on no branch; a release adds commits to one: git switch %s: %w", mainBranch, err)
	}
	branch := strings.TrimPrefix(ref, "refs/heads/")
	if branch != mainBranch && branch != patchBranch(version) {
		return "", fmt.Errorf("%s must be released on branch %s or %s; the clone is on branch %s", version, mainBranch, patchBranch(version), branch)
	}
	if err := checkUpstream(root, branch, ref); err != nil {
		return "", err
	}
	return branch, checkLater(root, branch, version)
}

// checkUpstream returns an error if the branch lacks commits of the branch that it follows, as
// the last git fetch saw that.
func checkUpstream(root, branch, ref string) error {
	upstream, err := git.Run(root, "for-each-ref", "--format=%(upstream)", ref)
	if err != nil {
		return fmt.Errorf("look for what branch %s follows: %w", branch, err)
	}
	if upstream == "" {
		return nil
	}
	if there, err := git.Run(root, "for-each-ref", upstream); err != nil || there == "" {
		return err // nothing was pushed yet
	}
	missing, err := git.Run(root, "rev-list", "--count", "HEAD.."+upstream)
	if err != nil {
		return fmt.Errorf("compare branch %s with %s: %w", branch, upstream, err)
	}
	if missing != "0" {
		return fmt.Errorf("branch %s is old: it lacks %s commits of %s; run git pull", branch, missing, strings.TrimPrefix(upstream, "refs/remotes/"))
	}
	return nil
}

// checkLater returns an error if the clone has the tag of a later version that belongs on the
// same branch. The branch is old then, even if it follows no other.
func checkLater(root, branch, version string) error {
	tags, err := git.Run(root, "tag", "--list", "v[0-9]*")
	if err != nil {
		return fmt.Errorf("look for tags: %w", err)
	}
	for tag := range strings.FieldsSeq(tags) {
		same := branch == mainBranch || patchBranch(tag) == branch
		if semver.IsValid(tag) && same && semver.Compare(tag, version) > 0 {
			return fmt.Errorf("VERSION must be later than the tag %s on branch %s; got %q", tag, branch, version)
		}
	}
	return nil
}
