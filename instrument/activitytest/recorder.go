package activitytest

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// WaitTime is the longest time for which [Recorder.Want] and [Recorder.Wait] wait for
// activities that are not recorded yet.
const WaitTime = 2 * time.Second

// Recorder keeps the activities that a service records. It may be used from many goroutines.
type Recorder struct {
	mu        sync.Mutex
	all       []recorded
	forgotten int           // how many were recorded before those, see Reset
	changed   chan struct{} // closed when an activity is added
}

// recorded is an activity, and the route of its record.
type recorded struct {
	activity.Activity
	route string // http.route, which a record has if the action name does not contain it
}

// NewRecorder returns a Recorder without activities.
func NewRecorder() *Recorder { return &Recorder{changed: make(chan struct{})} }

// Option makes a middleware, or an [instrument.Recorder], record here.
func (rec *Recorder) Option() instrument.Option {
	return instrument.WithLoggerProvider(rec.LoggerProvider())
}

// LoggerProvider returns a provider whose loggers record here. It is for services that use the
// global provider, otel.SetLoggerProvider, and for bridges such as otelslog. Log records that
// are not activities are ignored.
func (rec *Recorder) LoggerProvider() log.LoggerProvider { return provider{rec: rec} }

// Activities returns what has been recorded so far, in the order in which it was recorded.
//
// Time is that of the id, or of the log record if that has no id. Data has nil, bool, int64,
// float64, string, []byte, []any and map[string]any. What the object belongs to is in
// Object.Parent, and not in Data.
func (rec *Recorder) Activities() []activity.Activity {
	return activitiesOf(rec.since(0))
}

// Wait waits until at least n activities are recorded, or [WaitTime] is over, and returns all
// that are recorded.
func (rec *Recorder) Wait(n int) []activity.Activity {
	rec.mu.Lock()
	n += rec.forgotten
	rec.mu.Unlock()
	rec.waitFor(n, WaitTime)
	return rec.Activities()
}

// Reset forgets what has been recorded.
func (rec *Recorder) Reset() {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.forgotten += len(rec.all)
	rec.all = nil
}

// WithoutIDs returns a copy of activities without what differs each time: ID, BatchID and Time are
// zero.
func WithoutIDs(activities []activity.Activity) []activity.Activity {
	copied := make([]activity.Activity, len(activities))
	for i, a := range activities {
		a.ID, a.BatchID, a.Time = activity.ID{}, activity.ID{}, time.Time{}
		copied[i] = a
	}
	return copied
}

func activitiesOf(all []recorded) []activity.Activity {
	activities := make([]activity.Activity, len(all))
	for i := range all {
		activities[i] = all[i].Activity
	}
	return activities
}

// count returns how many activities were recorded, with those that are forgotten.
func (rec *Recorder) count() int {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.forgotten + len(rec.all)
}

// since returns a copy of what was recorded after the first n activities, and is not forgotten.
func (rec *Recorder) since(n int) []recorded {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	kept := rec.all[min(max(n-rec.forgotten, 0), len(rec.all)):]
	all := make([]recorded, len(kept))
	for i := range kept {
		all[i] = kept[i].clone()
	}
	return all
}

func (rec *Recorder) add(r recorded) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.all = append(rec.all, r)
	close(rec.changed)
	rec.changed = make(chan struct{})
}

// waitFor waits until n activities are recorded, as count counts them, or the limit is over.
func (rec *Recorder) waitFor(n int, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		rec.mu.Lock()
		got, changed := rec.forgotten+len(rec.all), rec.changed
		rec.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		}
	}
}

// provider and its loggers are in the place of those of the SDK.
type provider struct {
	embedded.LoggerProvider

	rec *Recorder
}

// Logger implements [log.LoggerProvider].
func (p provider) Logger(string, ...log.LoggerOption) log.Logger { return logger{rec: p.rec} }

type logger struct {
	embedded.Logger

	rec *Recorder
}

// Emit implements [log.Logger].
func (l logger) Emit(_ context.Context, r log.Record) {
	if decoded, ok := decode(&r); ok {
		l.rec.add(decoded)
	}
}

// Enabled implements [log.Logger].
func (logger) Enabled(context.Context, log.EnabledParameters) bool { return true }
