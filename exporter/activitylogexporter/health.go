package activitylogexporter

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/otelactivity/activitylog/internal/seglog"
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
