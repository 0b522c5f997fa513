// Package modzip makes the zip files of modules as the go command makes them from a
// repository, and a module proxy of them.
package modzip

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"

	"github.com/otelactivity/activitylog/internal/release/git"
	"github.com/otelactivity/activitylog/internal/release/modules"
)

// A Tree is what a commit, or another tree of Git, has.
type Tree struct {
	files []modzip.File
}

// Read reads a tree of the repository in a folder: "HEAD", a tag, the id of a tree.
func Read(root, tree string) (*Tree, error) {
	archive, err := os.CreateTemp("", "tree-*.zip")
	if err != nil {
		return nil, fmt.Errorf("read tree %s: %w", tree, err)
	}
	defer func() { _ = os.Remove(archive.Name()) }()
	defer archive.Close()
	// The settings that the go command uses: what is in the repository, byte for byte.
	if _, err := git.Run(root, "-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=zip", "--output="+archive.Name(), tree); err != nil {
		return nil, fmt.Errorf("read tree %s: %w", tree, err)
	}
	opened, err := zip.OpenReader(archive.Name())
	if err != nil {
		return nil, fmt.Errorf("read tree %s: %w", tree, err)
	}
	defer opened.Close()
	t := &Tree{}
	for _, f := range opened.File {
		if f.FileInfo().IsDir() {
			continue
		}
		text, err := readAll(f)
		if err != nil {
			return nil, fmt.Errorf("read tree %s: %w", tree, err)
		}
		t.files = append(t.files, file{name: f.Name, info: f.FileInfo(), text: text})
	}
	return t, nil
}

func readAll(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Zip is the zip file of a version of the module in a folder of the tree. A module that has
// no LICENSE gets the one of the root, as the go command does it.
func (t *Tree) Zip(m modules.Module, version string) ([]byte, error) {
	var files []modzip.File
	var license modzip.File
	for _, f := range t.files {
		name := f.Path()
		if name == "LICENSE" {
			license = f
		}
		if m.Dir != "." {
			rest, ok := strings.CutPrefix(name, m.Dir+"/")
			if !ok {
				continue
			}
			name = rest
		}
		files = append(files, named{f, name})
	}
	if license != nil && !has(files, "LICENSE") {
		files = append(files, license)
	}
	var out bytes.Buffer
	if err := modzip.Create(&out, module.Version{Path: m.Path, Version: version}, files); err != nil {
		return nil, fmt.Errorf("zip module %s: %w", m.Path, err)
	}
	return out.Bytes(), nil
}

// GoMod is the go.mod of a module of the tree.
func (t *Tree) GoMod(m modules.Module) ([]byte, error) {
	for _, f := range t.files {
		if f.Path() == m.GoMod() {
			return f.(file).text, nil
		}
	}
	return nil, fmt.Errorf("the tree has no %s", m.GoMod())
}

// Sums are the two lines that go.sum has of a version of the module.
func (t *Tree) Sums(m modules.Module, version string) ([]string, error) {
	text, err := t.Zip(m, version)
	if err != nil {
		return nil, err
	}
	opened, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, fmt.Errorf("hash module %s: %w", m.Path, err)
	}
	var names []string
	for _, f := range opened.File {
		names = append(names, f.Name)
	}
	whole, err := dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return opened.Open(name) })
	if err != nil {
		return nil, fmt.Errorf("hash module %s: %w", m.Path, err)
	}
	mod, err := t.GoMod(m)
	if err != nil {
		return nil, err
	}
	goMod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(mod)), nil })
	if err != nil {
		return nil, fmt.Errorf("hash module %s: %w", m.Path, err)
	}
	return []string{m.Path + " " + version + " " + whole, m.Path + " " + version + "/go.mod " + goMod}, nil
}

// WriteProxy writes a version of all published modules as a module proxy to a folder, for
// GOPROXY=file://…. Date is that of the version, "2026-11-27". It returns how many modules these are.
func (t *Tree) WriteProxy(proxy string, all []modules.Module, version, date string) (written int, err error) {
	for _, m := range all {
		if !m.Published() {
			continue
		}
		if err := t.write(proxy, m, version, date); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

// write adds a version of the module to the proxy.
func (t *Tree) write(proxy string, m modules.Module, version, date string) error {
	text, err := t.Zip(m, version)
	if err != nil {
		return err
	}
	mod, err := t.GoMod(m)
	if err != nil {
		return err
	}
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	folder := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("write module %s: %w", m.Path, err)
	}
	for name, text := range map[string][]byte{
		version + ".zip":  text,
		version + ".mod":  mod,
		version + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"%sT00:00:00Z"}`, version, date),
		"list":            []byte(version + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return fmt.Errorf("write module %s: %w", m.Path, err)
		}
	}
	return nil
}

func has(files []modzip.File, name string) bool {
	for _, f := range files {
		if f.Path() == name {
			return true
		}
	}
	return false
}

// file is a file of a tree.
type file struct {
	name string
	info fs.FileInfo
	text []byte
}

func (f file) Path() string                 { return path.Clean(f.name) }
func (f file) Lstat() (fs.FileInfo, error)  { return f.info, nil }
func (f file) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.text)), nil }

// named is a file by another path.
type named struct {
	modzip.File
	path string
}

func (n named) Path() string { return n.path }
