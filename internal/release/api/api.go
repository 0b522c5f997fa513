// Package api compares what the packages of modules export with an earlier release.
package api

import (
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"

	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
)

// A Report is what changed between a release and a clone.
type Report struct {
	Base         string   // the tag of the release: "v0.1.0"
	Modules      int      // how many were compared
	Compatible   []string // "github.com/…/instrument: WithNames: added"
	Incompatible []string // "github.com/…/instrument: WithName: removed"
}

// LastTag is the newest release that the clone in a folder descends from, or "".
func LastTag(root string) (string, error) {
	tags, err := git.Run(root, "tag", "--list", "v[0-9]*", "--merged", "HEAD")
	if err != nil {
		return "", fmt.Errorf("look for the last release: %w", err)
	}
	last := ""
	for tag := range strings.FieldsSeq(tags) {
		if semver.IsValid(tag) && semver.Compare(tag, last) > 0 { // v0.1.0 is later than v0.1.0-rc.1
			last = tag
		}
	}
	return last, nil
}

// Compare compares each published module of a release, by its tag, with the files in a folder.
func Compare(root, base string) (*Report, error) {
	r := &Report{Base: base}
	err := git.InWorktree(root, base, func(before string) error {
		old, err := modules.Load(before)
		if err != nil {
			return err
		}
		current, err := modules.Load(root)
		if err != nil {
			return err
		}
		for _, m := range old {
			if !m.Published() || m.Internal() {
				continue
			}
			if err := r.compare(m, current, before, root); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// compare adds the changes of one module to the report.
func (r *Report) compare(m modules.Module, current []modules.Module, before, after string) error {
	old, err := exported(before, m)
	if err != nil {
		return err
	}
	if len(old.Packages) == 0 {
		return nil // a program
	}
	r.Modules++
	if !slices.ContainsFunc(current, func(c modules.Module) bool { return c.Path == m.Path && c.Published() }) {
		r.Incompatible = append(r.Incompatible, m.Path+": the module was removed")
		return nil
	}
	now, err := exported(after, m)
	if err != nil {
		return err
	}
	for _, change := range apidiff.ModuleChanges(old, now).Changes {
		line := m.Path + ": " + strings.TrimPrefix(change.Message, "./")
		if change.Compatible {
			r.Compatible = append(r.Compatible, line)
		} else {
			r.Incompatible = append(r.Incompatible, line)
		}
	}
	return nil
}

// exported are the packages of a module that others can import.
func exported(root string, m modules.Module) (*apidiff.Module, error) {
	found := &apidiff.Module{Path: m.Path}
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.LoadTypes, Dir: filepath.Join(root, m.Dir), Env: append(os.Environ(), "GOWORK=off"),
	}, "./...")
	if err != nil {
		return nil, fmt.Errorf("load module %s: %w", m.Path, err)
	}
	for _, pkg := range loaded {
		if pkg.Name == "main" || slices.Contains(strings.Split(pkg.PkgPath, "/"), "internal") || len(pkg.GoFiles) == 0 {
			continue
		}
		if len(pkg.Errors) > 0 {
			return nil, fmt.Errorf("load package %s: %w", pkg.PkgPath, pkg.Errors[0])
		}
		found.Packages = append(found.Packages, pkg.Types)
	}
	slices.SortFunc(found.Packages, func(a, b *types.Package) int { return strings.Compare(a.Path(), b.Path()) })
	return found, nil
}
