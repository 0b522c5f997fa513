package activityconnector

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// attrs is a short name for the attributes of a span or a log record.
type attrs = map[string]any

const startTime = 1_700_000_000_123_456_789

// newSpan returns a span, alone in its ptrace.Traces.
func newSpan(t testing.TB, a attrs) (ptrace.Traces, ptrace.Span) {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.SetSchemaUrl("resource schema")
	rs.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl("scope schema")
	ss.Scope().SetName("otelhttp")
	ss.Scope().SetVersion("0.72.0")
	span := ss.Spans().AppendEmpty()
	span.SetName("PATCH /articles/{id}")
	span.SetTraceID(pcommon.TraceID{1})
	span.SetSpanID(pcommon.SpanID{2})
	span.SetFlags(0x301)
	span.SetStartTimestamp(startTime)
	span.Events().AppendEmpty().SetName("exception")
	require.NoError(t, span.Attributes().FromRaw(a))
	return td, span
}

const derivedID = "018bcfe5-687b-775e-9c2f-1d2c3b4a5968"

// derived returns what the activity processor leaves on a plain HTTP span.
func derived() attrs {
	return attrs{
		"http.request.method": "PATCH", "http.route": "/articles/{id}", "url.path": "/articles/17",
		"http.response.status_code": 409, "user.id": "42",
		"activity.id": derivedID, "activity.action.type": "Update", "activity.action.name": "PATCH /articles/{id}",
		"activity.status": "Failed", "error.type": "409", "activity.actor.id": "42", "activity.actor.type": "user",
		"activity.object.type": "article", "activity.object.id": "17", "activity.remarks": "42 failed to update article 17",
		"activity.data": attrs{"changes": attrs{"title": []any{"old", "new"}}}, "activity.source": "derived",
		"client.address": "192.0.2.7", "user_agent.original": "curl/8.5.0", "session.id": "s1",
	}
}

// consume gives td, which must stay as it is, to a connector and returns what
// comes out.
func consume(t testing.TB, cfg *Config, td ptrace.Traces) []plog.Logs {
	t.Helper()
	td.MarkReadOnly() // a write panics
	sink := new(consumertest.LogsSink)
	require.NoError(t, create(t, cfg, sink).ConsumeTraces(t.Context(), td))
	return sink.AllLogs()
}

func only(t testing.TB, all []plog.Logs) plog.LogRecord {
	t.Helper()
	require.Len(t, all, 1)
	require.Equal(t, 1, all[0].LogRecordCount())
	return all[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
}

func TestRecord(t *testing.T) {
	td, _ := newSpan(t, derived())
	before := time.Now()
	all := consume(t, &Config{Sources: sources, Attributes: []string{"http.route"}}, td)
	record := only(t, all)

	assert.Equal(t, "activity.recorded", record.EventName())
	id, err := activity.ParseID(derivedID)
	require.NoError(t, err)
	assert.Equal(t, id.Time(), record.Timestamp().AsTime())
	assert.WithinRange(t, record.ObservedTimestamp().AsTime(), before.Truncate(0), time.Now())
	assert.Equal(t, "42 failed to update article 17", record.Body().Str())
	assert.Equal(t, plog.SeverityNumberWarn, record.SeverityNumber())
	assert.Equal(t, "WARN", record.SeverityText())
	assert.Equal(t, pcommon.TraceID{1}, record.TraceID())
	assert.Equal(t, pcommon.SpanID{2}, record.SpanID())
	assert.EqualValues(t, 1, record.Flags(), "the flags of the trace context alone")
	assert.Equal(t, attrs{
		"activity.id": derivedID, "activity.action.type": "Update", "activity.action.name": "PATCH /articles/{id}",
		"activity.status": "Failed", "error.type": "409", "activity.actor.id": "42", "activity.actor.type": "user",
		"activity.object.type": "article", "activity.object.id": "17",
		"activity.data": attrs{"changes": attrs{"title": []any{"old", "new"}}}, "activity.source": "derived",
		"client.address": "192.0.2.7", "user_agent.original": "curl/8.5.0", "session.id": "s1",
		"http.route": "/articles/{id}",
	}, record.Attributes().AsRaw())

	rl := all[0].ResourceLogs().At(0)
	assert.Equal(t, attrs{"service.name": "blog"}, rl.Resource().Attributes().AsRaw())
	assert.Equal(t, "resource schema", rl.SchemaUrl())
	assert.Equal(t, "scope schema", rl.ScopeLogs().At(0).SchemaUrl())
	assert.Equal(t, "otelhttp", rl.ScopeLogs().At(0).Scope().Name())
	assert.Equal(t, "0.72.0", rl.ScopeLogs().At(0).Scope().Version())
}

func TestSeverity(t *testing.T) {
	for status, want := range map[string]string{"Success": "INFO", "Failed": "WARN", "failure": "WARN", "": "INFO", "odd": "INFO"} {
		t.Run(status, func(t *testing.T) {
			td, span := newSpan(t, derived())
			span.Attributes().PutStr(activity.StatusKey, status)
			record := only(t, consume(t, defaults(), td))
			assert.Equal(t, want, record.SeverityText())
			assert.Equal(t, want, strings.ToUpper(record.SeverityNumber().String()), "number and text agree")
		})
	}
}

func TestSources(t *testing.T) {
	for name, tt := range map[string]struct {
		sources Sources
		in      attrs
		want    bool
	}{
		"derived":              {Sources{"derived"}, attrs{"activity.action.type": "Read", "activity.source": "derived"}, true},
		"derived not declared": {Sources{"derived"}, attrs{"activity.action.type": "Read", "activity.source": "declared"}, false},
		"derived not unsaid":   {Sources{"derived"}, attrs{"activity.action.type": "Read"}, false},
		"declared":             {Sources{"declared"}, attrs{"activity.action.type": "Read", "activity.source": "declared"}, true},
		"declared or unsaid":   {Sources{"declared"}, attrs{"activity.action.type": "Read"}, true},
		"declared not derived": {Sources{"declared"}, attrs{"activity.action.type": "Read", "activity.source": "derived"}, false},
		"both":                 {sources, attrs{"activity.action.type": "Read", "activity.source": "derived"}, true},
		"no activity":          {sources, attrs{"activity.source": "derived", "http.request.method": "GET"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			td, _ := newSpan(t, tt.in)
			assert.Equal(t, tt.want, len(consume(t, &Config{Sources: tt.sources}, td)) == 1)
		})
	}
}

// A span that comes without a valid id gives its record the id that the
// exporter would give the span.
func TestIDs(t *testing.T) {
	for name, change := range map[string]func(pcommon.Map){
		"none":           func(a pcommon.Map) { a.Remove(activity.IDKey) },
		"foreign":        func(a pcommon.Map) { a.PutStr(activity.IDKey, "order 4711") },
		"no text":        func(a pcommon.Map) { a.PutInt(activity.IDKey, 17) },
		"log.record.uid": func(a pcommon.Map) { a.Remove(activity.IDKey); a.PutStr(activity.LogRecordUIDKey, derivedID) },
	} {
		t.Run(name, func(t *testing.T) {
			td, span := newSpan(t, derived())
			change(span.Attributes())
			stamped := ptrace.NewTraces()
			td.CopyTo(stamped)
			identity.StampTraces(stamped)
			want := stamped.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()

			ld := consume(t, defaults(), td)
			identity.StampLogs(ld[0]) // as the exporter does; must not change it
			record := only(t, ld)
			for _, key := range []string{activity.IDKey, activity.OriginalIDKey} {
				assert.Equal(t, want.AsRaw()[key], record.Attributes().AsRaw()[key], key)
			}
			assert.NotEqual(t, record.Timestamp(), pcommon.Timestamp(0))
		})
	}
}

// Resources and scopes come once for all their records, and not at all without.
func TestGroups(t *testing.T) {
	td := ptrace.NewTraces()
	for r, scopes := range [][][]string{{{"a", "-", "b"}, {"-"}, {"c"}}, {{"-"}, {}}, {}, {{"d"}}} {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutInt("number", int64(r))
		for s, spans := range scopes {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName(string(rune('0' + s)))
			for _, remarks := range spans {
				span := ss.Spans().AppendEmpty()
				span.Attributes().PutStr(activity.RemarksKey, remarks)
				span.Attributes().PutStr(activity.SourceKey, "derived")
				if remarks != "-" {
					span.Attributes().PutStr(activity.ActionTypeKey, "Read")
				}
			}
		}
	}
	all := consume(t, defaults(), td)
	require.Len(t, all, 1)
	var got []string
	for _, rl := range all[0].ResourceLogs().All() {
		number, _ := rl.Resource().Attributes().Get("number")
		got = append(got, "resource "+number.AsString())
		for _, sl := range rl.ScopeLogs().All() {
			got = append(got, "scope "+sl.Scope().Name())
			for _, record := range sl.LogRecords().All() {
				got = append(got, record.Body().Str())
			}
		}
	}
	assert.Equal(t, []string{"resource 0", "scope 0", "a", "b", "scope 2", "c", "resource 3", "scope 0", "d"}, got)
}

func BenchmarkRecord(b *testing.B) {
	td, _ := newSpan(b, derived())
	c := create(b, defaults(), consumertest.NewNop())
	b.ReportAllocs()
	for b.Loop() {
		if err := c.ConsumeTraces(b.Context(), td); err != nil {
			b.Fatal(err)
		}
	}
}
