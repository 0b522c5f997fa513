package activityprocessor

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/internal/identity/valuetext"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// watch notes what happens to the records of one request, for [Explainer]. A nil *watch, as
// in a running Collector, notes nothing.
type watch struct {
	records []watched
	next    int // the record whose turn it is
	notices []string
}

// watched is what is known of one record.
type watched struct {
	trace pcommon.TraceID
	attrs pcommon.Map
	came  pcommon.Map // its attributes as they came
	seen  pcommon.Map // its attributes when they were last looked at

	why     reason
	notes   rule.Notes
	setBy   map[string]string // attributes that something other than a rule has set
	from    int               // the record that its user was joined from, -1 if that is not known
	changed map[string]bool   // attributes that privacy has changed
}

// add begins to watch a record.
func (w *watch) add(trace pcommon.TraceID, attrs pcommon.Map) {
	one := watched{trace: trace, attrs: attrs, came: pcommon.NewMap(), seen: pcommon.NewMap(), setBy: map[string]string{}, from: -1}
	attrs.CopyTo(one.came)
	attrs.CopyTo(one.seen)
	w.records = append(w.records, one)
}

// each calls note for each attribute that has changed since it was last looked at.
func (w *watch) each(note func(one *watched, key string)) {
	for i := range w.records {
		one := &w.records[i]
		for key, v := range one.attrs.All() {
			if old, ok := one.seen.Get(key); !ok || !old.Equal(v) {
				note(one, key)
			}
		}
	}
	for i := range w.records {
		w.records[i].attrs.CopyTo(w.records[i].seen)
	}
}

// look makes what has happened so far the work of nobody.
func (w *watch) look() {
	if w != nil {
		w.each(func(*watched, string) {})
	}
}

// identified notes that an identity rule has named a user.
func (w *watch) identified(rule string) {
	if w != nil {
		w.each(func(one *watched, key string) { one.setBy[key] = "identity rule " + rule })
	}
}

// joined notes the users that records got from others.
func (w *watch) joined() {
	if w == nil {
		return
	}
	w.each(func(one *watched, key string) {
		one.setBy[key] = "join"
		for i := range w.records {
			other := &w.records[i]
			if other != one && other.trace == one.trace && same(other.seen, one.attrs, key) {
				one.from = i
				break
			}
		}
	})
}

func same(a, b pcommon.Map, key string) bool {
	one, ok := a.Get(key)
	other, also := b.Get(key)
	return ok && also && valuetext.Trimmed(one) == valuetext.Trimmed(other)
}

// LookedUp implements [lookup.Watcher].
func (w *watch) LookedUp(lookup string, unanswered int64) {
	w.each(func(one *watched, key string) { one.setBy[key] = "lookup " + lookup })
	if unanswered > 0 {
		w.notices = append(w.notices, fmt.Sprintf("the lookup %s did not answer for %d records, whose attributes stay blank", lookup, unanswered))
	}
}

// NotStarted implements [lookup.Watcher].
func (w *watch) NotStarted(lookup string, err error) {
	w.notices = append(w.notices, fmt.Sprintf("the lookup %s cannot be used, so its attributes stay blank; the collector would not start: %v", lookup, err))
}

// begin returns where to note what the rules do to the next record.
func (w *watch) begin() *rule.Notes {
	if w == nil {
		return nil
	}
	return &w.records[w.next].notes
}

// end notes what became of that record.
func (w *watch) end(why reason) {
	if w != nil {
		w.records[w.next].why = why
		w.next++
	}
}

// cleaned notes what privacy has changed.
func (w *watch) cleaned() {
	w.each(func(one *watched, key string) {
		if one.changed == nil {
			one.changed = map[string]bool{}
		}
		one.changed[key] = true
	})
}
