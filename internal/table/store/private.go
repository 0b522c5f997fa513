package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// withoutDSN is [withoutDSN], but the name of a file of SQLite stays.
func (s *Store) withoutDSN(err error) error {
	if sqldsn.IsFile(s.cfg.Dialect.Driver(), s.cfg.DSN) {
		return err
	}
	return withoutDSN(err, s.cfg.DSN)
}

// fileTrouble is the end of an error of connecting to SQLite, which does not name the file.
func (s *Store) fileTrouble(err error) string {
	if s.cfg.Dialect.Driver() != sqldsn.SQLite {
		return ""
	}
	code, _ := strconv.Atoi(s.cfg.Dialect.Classify(err).Code)
	return sqldsn.FileTrouble(s.cfg.DSN, code)
}

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
