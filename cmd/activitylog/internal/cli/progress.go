package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// leanMemory makes the collector of garbage wait while little memory is used, which is
// faster, and keeps an export below 64 MiB.
func leanMemory() {
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(32 << 20)
}

// progress shows on a terminal how far an export is.
type progress struct {
	rows  atomic.Int64
	total atomic.Int64 // 0 is not known

	a       *app
	began   time.Time
	before  int64 // rows of earlier runs
	end     func()
	stopped sync.Once
}

// progressEvery is how often it is shown.
const progressEvery = 250 * time.Millisecond

// startProgress begins to show how far an export is, unless standard error is no
// terminal. The rows are counted while they are written.
func (a *app) startProgress(ctx context.Context, r *reader.Reader, q reader.Query, before int64) *progress {
	p := &progress{a: a, began: time.Now(), before: before, end: func() {}}
	p.rows.Store(before)
	if !isTerminal(a.err) {
		return p
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		if counts, err := r.Count(ctx, q, reader.By{}); err == nil && len(counts.Groups) == 1 {
			p.total.Store(counts.Groups[0].Rows)
		}
	})
	running.Go(func() { p.show(ctx) })
	p.end = func() {
		cancel()
		running.Wait()
		_, _ = fmt.Fprint(a.err, "\r\x1b[K")
	}
	return p
}

// show shows it until ctx ends.
func (p *progress) show(ctx context.Context) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = fmt.Fprint(p.a.err, "\r\x1b[K"+p.line(time.Since(p.began)))
		}
	}
}

// stop removes the line.
func (p *progress) stop() { p.stopped.Do(p.end) }

// line is what is shown after some time.
func (p *progress) line(passed time.Duration) string {
	rows, total := p.rows.Load(), p.total.Load()
	rate := p.rate(rows, passed)
	if total < rows || total == 0 {
		return fmt.Sprintf("%s rows  %s/s", thousands(rows), thousands(rate))
	}
	left := "?"
	if rate > 0 {
		left = (time.Duration((total-rows)/rate) * time.Second).String()
	}
	const width = 20
	filled := int(rows * width / total)
	return fmt.Sprintf("%s%s %3d%%  %s of %s rows  %s/s  %s left", strings.Repeat("█", filled), strings.Repeat("░", width-filled),
		rows*100/total, thousands(rows), thousands(total), thousands(rate), left)
}

// rate is how many rows a second this run has written.
func (p *progress) rate(rows int64, passed time.Duration) int64 {
	if passed <= 0 {
		return 0
	}
	return int64(float64(rows-p.before) / passed.Seconds())
}

// summary says what was done.
func (p *progress) summary(rows int64) string {
	text := "wrote " + thousands(rows) + " rows"
	if p.before > 0 {
		text += ", " + thousands(rows-p.before) + " of them now,"
	}
	passed := time.Since(p.began)
	if passed > time.Second {
		text += fmt.Sprintf(" in %s, %s rows/s,", passed.Round(100*time.Millisecond), thousands(p.rate(rows, passed)))
	}
	return text
}

// thousands writes a number with commas.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
