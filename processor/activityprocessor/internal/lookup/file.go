package lookup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// fileBackend is a table in a file. The file is read again when it has changed.
type fileBackend struct {
	cfg      *FileConfig
	name     string
	columns  []string
	warn     *quiet
	observer Observer

	table atomic.Pointer[table]
	seen  stamp // of the file that was read last
	stopc context.CancelFunc
	done  chan struct{}
}

// stamp identifies a version of a file.
type stamp struct {
	modified time.Time
	size     int64
}

func newFileSource(cfg *Config, columns []string, warn *quiet, observer Observer) *fileBackend {
	return &fileBackend{cfg: cfg.File, name: string(cfg.Name), columns: columns, warn: warn, observer: observer}
}

func (f *fileBackend) start(context.Context) error {
	seen, err := f.stat()
	if err != nil {
		return err
	}
	t, err := readFile(f.cfg, f.columns)
	if err != nil {
		return err
	}
	f.seen = seen
	f.table.Store(t)
	ctx, stop := context.WithCancel(context.Background())
	f.stopc, f.done = stop, make(chan struct{})
	go f.watch(ctx)
	return nil
}

func (f *fileBackend) stop(ctx context.Context) error {
	f.stopc()
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the reader of lookup file %s: %w", f.cfg.Path, ctx.Err())
	}
}

// watch checks the file in intervals. It does not use inotify, which does not work on
// network file systems, and in Kubernetes depends on how volumes are updated.
func (f *fileBackend) watch(ctx context.Context) {
	defer close(f.done)
	if f.cfg.ReloadInterval == 0 {
		return
	}
	tick := time.NewTicker(time.Duration(f.cfg.ReloadInterval))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.reload()
		}
	}
}

// reload reads the file if it has changed. While the file is broken or missing, the
// table is not changed.
func (f *fileBackend) reload() {
	now, err := f.stat()
	if err == nil && now == f.seen {
		return
	}
	var t *table
	if err == nil {
		t, err = readFile(f.cfg, f.columns)
	}
	f.observer.Reloaded(f.name, err)
	if err != nil {
		if wrong := (*fileError)(nil); errors.As(err, &wrong) {
			f.seen = now // it is broken until it changes again
		}
		f.warn.warn("The lookup file cannot be read; what was read before is still used.", err)
		return
	}
	// A change during the reading gives another stamp, so it is read the next time.
	f.seen = now
	f.table.Store(t)
}

func (f *fileBackend) stat() (stamp, error) {
	info, err := os.Stat(string(f.cfg.Path))
	if err != nil {
		return stamp{}, fmt.Errorf("check lookup file: %w", err)
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

func (f *fileBackend) find(key string) (row, Result) {
	if t := f.table.Load(); t != nil {
		if r, ok := t.find(key); ok {
			return r, Hit
		}
	}
	return "", Negative
}

// ask is never called, because find knows all rows.
func (f *fileBackend) ask(_ context.Context, keys []string, got func(int, row, Result)) {
	for i := range keys {
		got(i, "", Negative)
	}
}

func (f *fileBackend) entries() int {
	if t := f.table.Load(); t != nil {
		return t.rows
	}
	return 0
}
