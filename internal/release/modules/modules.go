// Package modules knows the Go modules of a repository, and which of them are published.
package modules

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/otelactivity/activitylog/internal/release/git"
)

// VersionsFile lists the modules, and is in the root of the repository.
const VersionsFile = "versions.yaml"

// A Module is one go.mod of the repository.
type Module struct {
	Path string        // of the module: "github.com/otelactivity/activitylog/instrument"
	Dir  string        // its folder, from the root of the repository, with slashes: "instrument", or "."
	Set  string        // the set that it is released with, or "" if it is not published
	File *modfile.File // its go.mod
}

// Published reports whether others can require the module.
func (m Module) Published() bool { return m.Set != "" }

// Internal reports whether only modules of this repository can import the module.
func (m Module) Internal() bool {
	return slices.Contains(strings.Split(m.Path, "/"), "internal")
}

// GoMod is the module's go.mod, from the root of the repository.
func (m Module) GoMod() string { return path.Join(m.Dir, "go.mod") }

// Tag is the tag of a version of the module, as the go command looks for it: "v0.1.0" for the
// root, "instrument/v0.1.0" for others.
func (m Module) Tag(version string) string { return path.Join(m.Dir, version) }

// Load reads all modules of the repository in a folder, the root first. Each must be in one
// place of versions.yaml.
func Load(root string) ([]Module, error) {
	versions, err := ReadVersions(root)
	if err != nil {
		return nil, err
	}
	all, err := find(root)
	if err != nil {
		return nil, err
	}
	listed := versions.places()
	for i := range all {
		places := listed[all[i].Path]
		if len(places) != 1 {
			return nil, fmt.Errorf("%s: module %s must be in one module set or in excluded-modules; it is in %d of them", VersionsFile, all[i].Path, len(places))
		}
		all[i].Set = places[0]
		delete(listed, all[i].Path)
	}
	for path := range listed {
		return nil, fmt.Errorf("%s: there is no module %s", VersionsFile, path)
	}
	return all, nil
}

// find reads each go.mod that Git has, or would add.
func find(root string) (all []Module, err error) {
	out, err := git.Run(root, "ls-files", "--cached", "--others", "--exclude-standard", "go.mod", "*/go.mod")
	if err != nil {
		return nil, fmt.Errorf("list the modules: %w", err)
	}
	for name := range strings.FieldsSeq(out) {
		if strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("read a module: %w", err)
		}
		file, err := modfile.Parse(name, text, nil)
		if err != nil {
			return nil, fmt.Errorf("read a module: %w", err)
		}
		all = append(all, Module{Path: file.Module.Mod.Path, Dir: path.Dir(name), File: file})
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) }) // "." is the first
	if len(all) == 0 || all[0].Dir != "." {
		return nil, fmt.Errorf("there is no go.mod in %s", root)
	}
	for _, m := range all {
		if want := path.Join(all[0].Path, m.Dir); m.Path != want {
			return nil, fmt.Errorf("%s: the module must be called %s, not %s", m.GoMod(), want, m.Path)
		}
	}
	return all, nil
}

// Siblings are the modules of this repository that a module requires, with their versions.
func (m Module) Siblings(all []Module) map[string]string {
	found := map[string]string{}
	for _, r := range m.File.Require {
		if slices.ContainsFunc(all, func(other Module) bool { return other.Path == r.Mod.Path }) {
			found[r.Mod.Path] = r.Mod.Version
		}
	}
	return found
}
