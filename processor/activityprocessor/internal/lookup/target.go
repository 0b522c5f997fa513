package lookup

import (
	"iter"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// maxKey is the longest key that is looked up, in bytes. Keys come from requests,
// and the cache holds them.
const maxKey = 1024

// target is what a lookup reads and sets.
type target struct {
	keys      []string
	set       [][]string // attributes, by the position of their column
	overwrite bool
}

func newTarget(cfg *Config, columns []string) target {
	t := target{keys: cfg.Key, set: make([][]string, len(columns)), overwrite: cfg.Overwrite}
	for _, attribute := range slices.Sorted(maps.Keys(cfg.Set)) {
		i := slices.Index(columns, cfg.Set[attribute])
		t.set[i] = append(t.set[i], attribute)
	}
	return t
}

// wants reports whether there is something to set in attrs.
func (t *target) wants(attrs pcommon.Map) bool {
	if t.overwrite {
		return true
	}
	for _, attributes := range t.set {
		for _, attribute := range attributes {
			if v, ok := attrs.Get(attribute); !ok || valuetext.Trimmed(v) == "" {
				return true
			}
		}
	}
	return false
}

// key returns the key in attrs, if all of its parts are set.
func (t *target) key(attrs pcommon.Map) (string, bool) {
	var one [1]string
	parts := one[:0]
	length := 0
	for _, attribute := range t.keys {
		v, ok := attrs.Get(attribute)
		if !ok {
			return "", false
		}
		part := valuetext.Trimmed(v)
		if part == "" {
			return "", false
		}
		length += len(part)
		parts = append(parts, part)
	}
	return joinKey(parts), length <= maxKey
}

// fill sets attributes of attrs from r. A blank value sets nothing.
func (t *target) fill(attrs pcommon.Map, r row) {
	var value string
	for _, attributes := range t.set {
		value, r = r.next()
		if value == "" {
			continue
		}
		for _, attribute := range attributes {
			if v, _ := attrs.GetOrPutEmpty(attribute); t.overwrite || valuetext.Trimmed(v) == "" {
				v.SetStr(value)
			}
		}
	}
}

// Spans returns the attributes of the activities in td.
func Spans(td ptrace.Traces) iter.Seq[pcommon.Map] {
	return func(yield func(pcommon.Map) bool) {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					if identity.IsActivity(span.Attributes()) && !yield(span.Attributes()) {
						return
					}
				}
			}
		}
	}
}

// Records returns the attributes of the activities in ld.
func Records(ld plog.Logs) iter.Seq[pcommon.Map] {
	return func(yield func(pcommon.Map) bool) {
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, record := range sl.LogRecords().All() {
					if identity.IsActivity(record.Attributes()) && !yield(record.Attributes()) {
						return
					}
				}
			}
		}
	}
}
