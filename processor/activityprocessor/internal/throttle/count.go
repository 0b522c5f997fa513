package throttle

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// tally is how many records of a request are of each service or tenant. Most requests are of
// one, and need no map.
type tally struct {
	last   key
	n      int // of last, not in counts yet
	counts map[key]int
}

func (t *tally) add(k key) {
	if k != t.last {
		t.flush()
		t.last = k
	}
	t.n++
}

// flush puts the records of last into the map.
func (t *tally) flush() {
	if t.n == 0 {
		return
	}
	if t.counts == nil {
		t.counts = map[key]int{}
	}
	t.counts[t.last] += t.n
	t.n = 0
}

// all calls f for each service or tenant.
func (t *tally) all(f func(k key, n int)) {
	if t.counts == nil {
		if t.n > 0 {
			f(t.last, t.n)
		}
		return
	}
	t.flush()
	for k, n := range t.counts {
		f(k, n)
	}
}

// Logs counts the activities among log records, or with all set, all log records. The error
// says when to try again; senders of OTLP do.
func (t *Throttle) Logs(ld plog.Logs, all bool) error {
	if t == nil {
		return nil
	}
	var counts tally
	for _, rl := range ld.ResourceLogs().All() {
		service := key{name: short(record.ServiceOf(rl.Resource()))}
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				if all || isActivity(r.Attributes()) {
					counts.add(t.keyOf(r.Attributes(), service))
				}
			}
		}
	}
	return t.admit(&counts)
}

// Traces counts the spans that are activities, or of kind SERVER or CONSUMER. The error is
// that of [Throttle.Logs].
func (t *Throttle) Traces(td ptrace.Traces) error {
	if t == nil {
		return nil
	}
	var counts tally
	for _, rs := range td.ResourceSpans().All() {
		service := key{name: short(record.ServiceOf(rs.Resource()))}
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if k := span.Kind(); k == ptrace.SpanKindServer || k == ptrace.SpanKindConsumer || isActivity(span.Attributes()) {
					counts.add(t.keyOf(span.Attributes(), service))
				}
			}
		}
	}
	return t.admit(&counts)
}

func isActivity(attrs pcommon.Map) bool {
	_, ok := attrs.Get(activity.ActionTypeKey)
	return ok
}

// keyOf returns whose a record is.
func (t *Throttle) keyOf(attrs pcommon.Map, service key) key {
	if t.cfg.Per == perTenant {
		if tenant, ok := attrs.Get(activity.TenantIDKey); ok && tenant.Type() == pcommon.ValueTypeStr && tenant.Str() != "" {
			return key{true, short(tenant.Str())}
		}
	}
	return service
}

// short cuts what somebody sends as a name: it is kept in memory.
func short(name string) string { return name[:min(len(name), maxName)] }
