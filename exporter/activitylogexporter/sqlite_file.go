package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// watchedFile is the store of a SQLite file that may be removed or replaced while it
// is open. SQLite would then commit to the deleted file: such a batch counts as
// failed, and is written again to the new file.
type watchedFile struct {
	*store.Store
	path   string
	notice func(error) // called when the file is gone, and with nil when it is open again

	mu    sync.Mutex
	file  os.FileInfo // of the open file; nil before the first
	again bool        // it must be reopened
}

var errFileGone = errors.New("the SQLite file was removed or replaced; it is reopened, and rows of the queue are written to the new file")

// Ready implements [queue.Writer].
func (w *watchedFile) Ready(ctx context.Context) error { return w.reopened(ctx, w.Store.Ready) }

// Prepare opens the file, and creates it if it does not exist.
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
		if err := store.CreatePrivate(w.path); err != nil {
			return err
		}
	}
	if replaced || w.again {
		w.again = true
		if err := w.Reopen(ctx); err != nil {
			return fmt.Errorf("reopen %s: %w", w.path, err)
		}
		w.again = false
	}
	if err := open(ctx); err != nil {
		return err
	}
	if w.file == nil {
		info, err := os.Stat(w.path)
		if err != nil {
			return fmt.Errorf("stat the SQLite file: %w", err)
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

// check returns an error if the file at the path is not the open one.
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

// fileInterval is how often the file is checked while no rows are written.
const fileInterval = 5 * time.Second
