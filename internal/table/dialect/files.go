package dialect

import (
	"io/fs"
	"path"
	"strings"
)

// Expand returns the files of a folder of fsys with other text in them: pairs are
// what to replace, each followed by its replacement. [Dialect.Schema] puts the names
// of the tables into migrations with it.
func Expand(fsys fs.FS, dir string, pairs ...string) fs.FS {
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) // dir is a constant that is not a path
	}
	return expanded{sub, strings.NewReplacer(pairs...)}
}

type expanded struct {
	fs.FS
	names *strings.Replacer
}

// Open implements [fs.FS].
func (e expanded) Open(name string) (fs.File, error) {
	file, err := e.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if dir, ok := file.(fs.ReadDirFile); ok && info.IsDir() {
		return expandedDir{dir, e, name}, nil
	}
	_ = file.Close()
	text, err := fs.ReadFile(e.FS, name)
	if err != nil {
		return nil, err
	}
	replaced := e.names.Replace(string(text))
	return expandedFile{strings.NewReader(replaced), expandedInfo{info, int64(len(replaced))}}, nil
}

type expandedFile struct {
	*strings.Reader
	info fs.FileInfo
}

// Stat implements [fs.File].
func (f expandedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements [fs.File].
func (expandedFile) Close() error { return nil }

type expandedInfo struct {
	fs.FileInfo
	size int64
}

// Size implements [fs.FileInfo].
func (i expandedInfo) Size() int64 { return i.size }

// expandedDir is a folder that lists the files as they are after the replacement.
type expandedDir struct {
	fs.ReadDirFile
	fsys expanded
	name string
}

// ReadDir implements [fs.ReadDirFile].
func (d expandedDir) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.ReadDirFile.ReadDir(n)
	for i, entry := range entries {
		info, failed := fs.Stat(d.fsys, path.Join(d.name, entry.Name()))
		if failed != nil {
			return nil, failed
		}
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}
