package seglog

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const damagedDir = "damaged"

// maxDamagedFiles is the most files in damaged/.
const maxDamagedFiles = 1000

// setAside copies damaged bytes to a file and returns its path, or "" if that failed,
// for example because the disk is full. It is called with readMu held.
func (l *Log) setAside(s *segment, off, bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	dir := filepath.Join(l.dir, damagedDir)
	if l.asideFiles == 0 {
		l.asideFiles, l.asideBytes = damagedFiles(l.dir)
	}
	if l.asideFiles >= maxDamagedFiles || l.asideBytes+bytes > l.opts.MaxBytes {
		return ""
	}
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the folder is for the operator to say
		return ""
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.bin", s.name(), off))
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the log's own name
	if err != nil {
		return ""
	}
	_, copyErr := io.Copy(out, io.NewSectionReader(s.f, off, bytes))
	if err := out.Close(); err != nil || copyErr != nil {
		return ""
	}
	l.asideFiles++
	l.asideBytes += bytes
	return path
}

// damagedFiles returns how many files with damaged bytes there are, and how
// many bytes they have.
func damagedFiles(dir string) (files int, bytes int64) {
	entries, err := os.ReadDir(filepath.Join(dir, damagedDir))
	if err != nil {
		return 0, 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			files++
			bytes += info.Size()
		}
	}
	return files, bytes
}
