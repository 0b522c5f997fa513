package spool

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// logInterval is how often the spool logs that it drops, or cannot send.
const logInterval = time.Minute

// reasons say when activities were lost, after their number.
var reasons = []struct {
	reason Reason
	words  string
}{
	{Full, "when the spool was full"},
	{Refused, "that the collector rejected"},
	{Shutdown, "when the service ended before they were sent"},
	{Unreadable, "that were damaged on disk"},
}

// dropLog logs one line a minute while activities are dropped, with their number, and
// one a minute while they cannot be sent.
type dropLog struct {
	logger *slog.Logger

	mu      sync.Mutex
	counts  map[Reason]int // since the last line
	lastErr error
	timer   *time.Timer // runs for a minute after each line
	noted   time.Time
	closed  bool
}

func (l *dropLog) add(d Drop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[Reason]int)
	}
	l.counts[d.Reason] += d.Count
	if d.Err != nil {
		l.lastErr = d.Err
	}
	if l.timer == nil || l.closed {
		l.write()
	}
}

// write logs a line if there is something to report. It is called with mu held.
func (l *dropLog) write() {
	l.timer = nil
	if len(l.counts) == 0 {
		return
	}
	args := make([]any, 0, 10)
	var words []string
	for _, r := range reasons {
		if n := l.counts[r.reason]; n > 0 {
			args = append(args, string(r.reason), n)
			words = append(words, fmt.Sprintf("%d %s", n, r.words))
		}
	}
	if l.lastErr != nil {
		args = append(args, "error", l.lastErr)
	}
	l.counts, l.lastErr = nil, nil
	l.logger.Error("activity spool: activities are lost: "+strings.Join(words, ", "), args...)
	if !l.closed {
		l.timer = time.AfterFunc(logInterval, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.write()
		})
	}
}

// note logs, at most once a minute, why activities wait.
func (l *dropLog) note(err error, waiting int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.noted) < logInterval {
		return
	}
	l.noted = time.Now()
	l.logger.Warn("activity spool: cannot send, will retry", "waiting", waiting, "error", err)
}

// close logs what was not logged yet.
func (l *dropLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.write()
}

func (s *Spool) note(err error) {
	s.dropLog.note(err, s.emitted.Load()-s.finished.Load())
}

// drop counts, logs and reports activities that are lost.
func (s *Spool) drop(d Drop) {
	s.metrics.dropped(d)
	s.dropLog.add(d)
	if s.cfg.dropped != nil {
		s.cfg.dropped(d)
	}
}
