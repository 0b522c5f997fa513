package prepare

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
	"github.com/otelactivity/activitylog/internal/release/modzip"
)

// commits makes the two commits in a worktree, and returns the second. There is only one if no
// module is a program.
func (r *Release) commits(work string, all []modules.Module, date string) (string, error) {
	before, err := modules.ReadVersions(work)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if err := edit(work, m.GoMod(), func(text string) (string, error) { return requireSiblings(text, all, r.Version) }); err != nil {
			return "", err
		}
	}
	if err := editTexts(work, all[0].Path, r.Version, date); err != nil {
		return "", err
	}
	if r.Left, err = left(work, before); err != nil {
		return "", err
	}
	programs, err := programsOf(work, all)
	if err != nil {
		return "", err
	}
	undo, err := r.standAlone(work, all, programs)
	if err != nil {
		return "", err
	}
	if r.Commit, err = commit(work, "release "+r.Version, releaseBody); err != nil || len(programs) == 0 {
		return r.Commit, err
	}
	for file, text := range undo {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return "", fmt.Errorf("write a module of a program: %w", err)
		}
	}
	return commit(work, "programs: siblings come from the clone again", developBody)
}

const releaseBody = `Each go.mod requires its siblings by their version. Those of programs have no
replace lines, because "go install" refuses a module that has them, and their
go.sum has the sums of the siblings.
`

const developBody = `The commit before is the release, whose programs have no replace lines. This one
puts them back, so that a clone builds what is in it.
`

// commit commits all changes of the worktree.
func commit(work, subject, body string) (string, error) {
	if _, err := git.Run(work, "add", "--all"); err != nil {
		return "", fmt.Errorf("commit the release: %w", err)
	}
	if _, err := git.Run(work, "commit", "--quiet", "--no-verify", "-m", subject, "-m", body); err != nil {
		return "", fmt.Errorf("commit the release: %w", err)
	}
	return git.Run(work, "rev-parse", "HEAD")
}

// standAlone makes the modules of programs independent of the clone, and returns the texts of
// the files as they were. Siblings keep their replace lines, which the go command ignores in
// modules that others require, so that their sums need no others.
func (r *Release) standAlone(work string, all, programs []modules.Module) (map[string]string, error) {
	tree, err := stage(work)
	if err != nil {
		return nil, err
	}
	undo := map[string]string{}
	for _, m := range programs {
		sums, err := siblingSums(tree, m, all, r.Version)
		if err != nil {
			return nil, err
		}
		changes := map[string]func(string) (string, error){
			"go.mod":     func(text string) (string, error) { return dropReplaces(text, all) },
			"go.sum":     func(text string) (string, error) { return addSums(text, sums) },
			manifestFile: dropManifestReplaces,
		}
		for name, change := range changes {
			file := filepath.Join(work, m.Dir, name)
			text, err := os.ReadFile(file)
			if os.IsNotExist(err) && name == manifestFile {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("read a module of a program: %w", err)
			}
			undo[file] = string(text)
			if err := edit(work, filepath.Join(m.Dir, name), change); err != nil {
				return nil, err
			}
		}
	}
	return undo, nil
}

// stage returns the tree of all that the worktree has.
func stage(work string) (*modzip.Tree, error) {
	if _, err := git.Run(work, "add", "--all"); err != nil {
		return nil, fmt.Errorf("hash the modules: %w", err)
	}
	id, err := git.Run(work, "write-tree")
	if err != nil {
		return nil, fmt.Errorf("hash the modules: %w", err)
	}
	return modzip.Read(work, id)
}

// siblingSums are the lines that the go.sum of a module needs of its siblings.
func siblingSums(tree *modzip.Tree, m modules.Module, all []modules.Module, version string) (sums []string, err error) {
	required := m.Siblings(all)
	for _, sibling := range all {
		if _, ok := required[sibling.Path]; !ok {
			continue
		}
		lines, err := tree.Sums(sibling, version)
		if err != nil {
			return nil, err
		}
		sums = append(sums, lines...)
	}
	return sums, nil
}

// programsOf are the published modules that "go install" can install: their folder has a
// package main.
func programsOf(work string, all []modules.Module) (programs []modules.Module, err error) {
	for _, m := range all {
		if !m.Published() || m.Internal() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(work, m.Dir, "main.go"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for programs: %w", err)
		}
		if strings.Contains(string(text), "\npackage main\n") {
			programs = append(programs, m)
		}
	}
	return programs, nil
}
