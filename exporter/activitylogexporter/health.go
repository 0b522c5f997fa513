package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/internal/seglog"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// trouble is one cause of a component that is not healthy. They are independent of
// each other.
type trouble int

const (
	troubleDatabase trouble = iota // the database accepts no rows
	troubleFile                    // the SQLite file was removed or replaced
	troubleDisk                    // the queue cannot be written
	troubleStalled                 // nothing was written for a while
	troubleRetrying                // some requests keep failing
	troubles
)

const (
	// stalledAfter is how long nothing may be written while something waits.
	stalledAfter  = 5 * time.Minute
	checkInterval = time.Second
)

// health reports the status of a component to its hosts when it changes.
type health struct {
	mu    sync.Mutex
	hosts []component.Host
	now   [troubles]error
}

func (h *health) add(host component.Host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hosts = append(h.hosts, host)
}

// set sets or, with nil, clears a trouble.
func (h *health) set(which trouble, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.now[which]
	h.now[which] = err
	if (before == nil) == (err == nil) {
		return
	}
	all := errors.Join(h.now[:]...)
	event := componentstatus.NewEvent(componentstatus.StatusOK)
	if all != nil {
		event = componentstatus.NewRecoverableErrorEvent(all)
	}
	for _, host := range h.hosts {
		componentstatus.ReportStatus(host, event)
	}
}

// watch checks the queue and the SQLite file until ctx ends.
func (d *database) watch(ctx context.Context) {
	begin, next := time.Now(), time.Now().Add(fileInterval)
	for sleep(ctx, checkInterval) {
		d.check(begin)
		if time.Now().After(next) {
			d.checkFile(ctx)
			next = time.Now().Add(fileInterval)
		}
	}
}

// checkFile reopens a SQLite file that was removed or replaced, even while no rows
// are written.
func (d *database) checkFile(ctx context.Context) {
	file, ok := d.store.(*watchedFile)
	if !ok {
		return
	}
	if file.check() != nil {
		_ = file.Ready(ctx) // calls noticeFile
	}
}

// noticeFile sets the health and logs when the SQLite file is gone, and clears the
// trouble when it is open again.
func (d *database) noticeFile(err error) {
	d.health.set(troubleFile, err)
	if err != nil {
		d.logger.Error("The SQLite file is not the one that was opened.", zap.String("file", sqldsn.SQLitePath(string(d.cfg.DSN))), zap.Error(err))
	}
}

func (d *database) check(begin time.Time) {
	st := d.queue.Stats()
	var disk error
	if st.LastError != nil {
		disk = fmt.Errorf("the queue in %s cannot be written: %w", d.cfg.Queue.Directory, st.LastError)
	}
	d.health.set(troubleDisk, disk)

	d.health.set(troubleStalled, stalled(st, begin))

	var retrying error
	if n, err := d.queue.Retrying(); n > 0 {
		retrying = fmt.Errorf("%d requests keep failing; others are written; the last error: %w", n, err)
	}
	d.health.set(troubleRetrying, retrying)
}

// stalled returns an error if requests wait and no row was written for long.
func stalled(st seglog.Stats, begin time.Time) error {
	last := begin
	if st.LastAck.After(last) {
		last = st.LastAck
	}
	idle := time.Since(last)
	if st.Records == 0 || idle < stalledAfter || st.Oldest < stalledAfter {
		return nil
	}
	return fmt.Errorf("no activity was written for %s, and %d requests wait in the queue", idle.Round(time.Second), st.Records)
}
