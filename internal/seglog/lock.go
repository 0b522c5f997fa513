package seglog

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const lockName = "lock"

// home is a folder that this process owns. The folder and the lock are kept open, to
// find out by [os.SameFile] whether the path still leads to them.
type home struct {
	dir      *os.File
	dirInfo  os.FileInfo
	lock     *os.File
	lockInfo os.FileInfo
}

// takeHome creates the folder if it does not exist, and locks it.
func takeHome(dir string) (_ *home, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the folder is for the operator to say
		return nil, fmt.Errorf("create folder: %w", err)
	}
	h := &home{}
	defer func() {
		if err != nil {
			h.leave()
		}
	}()
	if h.dir, err = os.Open(dir); err != nil { //nolint:gosec // the caller's own folder
		return nil, fmt.Errorf("open folder: %w", err)
	}
	if h.dirInfo, err = h.dir.Stat(); err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	if err := h.takeLock(dir); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *home) takeLock(dir string) error {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the log's own name
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	taken, err := tryLock(lock)
	if err == nil && !taken {
		err = &OwnedError{Dir: dir, Owner: readOwner(lock)}
	}
	info, statErr := lock.Stat()
	if err == nil {
		err = statErr
	}
	if err != nil {
		_ = lock.Close()
		return err
	}
	host, _ := os.Hostname()
	// The text is only for people, so an error of a full disk is ignored.
	_ = lock.Truncate(0)
	_, _ = lock.WriteAt(fmt.Appendf(nil, "pid %d on host %s since %s\n",
		os.Getpid(), host, time.Now().UTC().Format(time.RFC3339)), 0)
	if h.lock != nil {
		_ = h.lock.Close()
	}
	h.lock, h.lockInfo = lock, info
	return nil
}

func readOwner(lock io.ReaderAt) string {
	b := make([]byte, 256)
	n, _ := lock.ReadAt(b, 0)
	if owner := strings.TrimSpace(string(b[:n])); owner != "" {
		return owner
	}
	return "which did not say who it is"
}

// leave releases the folder.
func (h *home) leave() {
	if h.lock != nil {
		_ = h.lock.Close()
	}
	if h.dir != nil {
		_ = h.dir.Close()
	}
}

// same reports whether path still leads to the file that info is of.
func same(path string, info os.FileInfo) bool {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, info)
}
