package git

import (
	"fmt"
	"os"
	"path/filepath"
)

// InWorktree checks a commit out in a worktree of its own, and calls a function with its folder.
// Then it removes the worktree.
func InWorktree(root, commit string, do func(work string) error) error {
	parent, err := os.MkdirTemp("", "worktree")
	if err != nil {
		return fmt.Errorf("make a folder for a worktree: %w", err)
	}
	defer func() { _ = os.RemoveAll(parent) }()
	work := filepath.Join(parent, "work")
	// Also if adding it fails: with a hook that fails, it is there.
	defer func() { _, _ = Run(root, "worktree", "remove", "--force", work) }()
	if _, err := Run(root, "worktree", "add", "--detach", work, commit); err != nil {
		return fmt.Errorf("check %.12s out: %w", commit, err)
	}
	return do(work)
}
