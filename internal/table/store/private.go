package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CreatePrivate creates an SQLite file that only its owner can read, because SQLite
// would not; it does nothing if the file is there. SQLite gives the files -wal and -shm
// the same mode.
func CreatePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the SQLite file: %w", err)
	}
	return f.Close()
}
