package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
)

// watchedFile is the store of a SQLite file, which somebody may remove or replace
// while it is open. What SQLite commits then is in a file that nobody finds: such
// a batch is not done, and is written again to the file that is there now.
type watchedFile struct {
	*store.Store
	path   string
	notice func(error) // told that the file is gone, and nil once it is opened again

	mu    sync.Mutex
	file  os.FileInfo // the one that is open; nil before
	again bool        // opening it again has failed
}

var errFileGone = errors.New("the SQLite file was removed or replaced; it is opened again, and rows of the queue go to the file that is there now")

// Ready implements [queue.Writer].
func (w *watchedFile) Ready(ctx context.Context) error { return w.reopened(ctx, w.Store.Ready) }

// Prepare opens the file, and makes it if it is not there.
func (w *watchedFile) Prepare(ctx context.Context) error { return w.reopened(ctx, w.Store.Prepare) }

func (w *watchedFile) reopened(ctx context.Context, open func(context.Context) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	replaced := w.file != nil && !w.same()
	if replaced {
		w.file = nil
		w.notice(errFileGone)
	}
	if w.file == nil {
		if err := createPrivate(w.path); err != nil {
			return err
		}
	}
	if replaced || w.again {
		w.again = true
		if err := w.Reopen(ctx); err != nil {
			return fmt.Errorf("open %s again: %w", w.path, err)
		}
		w.again = false
	}
	if err := open(ctx); err != nil {
		return err
	}
	if w.file == nil {
		info, err := os.Stat(w.path)
		if err != nil {
			return fmt.Errorf("look at the SQLite file: %w", err)
		}
		w.file = info
		w.notice(nil)
	}
	return nil
}

// Write implements [queue.Writer].
func (w *watchedFile) Write(ctx context.Context, rows []row.Row) error {
	if err := w.Prepare(ctx); err != nil {
		return err
	}
	if err := w.Store.Write(ctx, rows); err != nil {
		return err
	}
	return w.check()
}

// check returns an error when the file is not the one that is open.
func (w *watchedFile) check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file != nil && !w.same() {
		return errFileGone
	}
	return nil
}

func (w *watchedFile) same() bool {
	info, err := os.Stat(w.path)
	return err == nil && os.SameFile(info, w.file)
}

// createPrivate makes a file that only its owner can read, as SQLite does not.
// Its -wal and -shm get the same mode from SQLite.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create the SQLite file: %w", err)
	}
	return f.Close()
}

// fileInterval is how often the file is looked at while nothing is written.
const fileInterval = 5 * time.Second
