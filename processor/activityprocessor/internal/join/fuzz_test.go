package join

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// FuzzTraces makes spans of bytes, six for each, in a few traces with a few ids, so
// that there are circles, duplicates and lost parents. Whatever they are, a span
// keeps the user it has, gets one only of its trace, and nothing grows without end.
func FuzzTraces(f *testing.F) {
	f.Add([]byte("aabccdeffghiijkklmnoopqrstuvwxyz"), true)
	f.Add([]byte{0, 1, 2, 2, 0, 0, 0, 2, 1, 2, 0, 1, 0, 3, 3, 1, 0, 0}, false)
	f.Fuzz(func(t *testing.T, data []byte, across bool) {
		j := New(Config{Enabled: true, AcrossServices: across, Window: confcheck.Duration(time.Hour), MaxSpans: 16})
		for len(data) >= 6 {
			n := min(len(data)/6, 8)
			td := fuzzed(data[:6*n])
			data = data[6*n:]
			before := ptrace.NewTraces()
			td.CopyTo(before)
			j.Traces(td)
			requireSound(t, before, td)
			require.LessOrEqual(t, j.Remembered(), 16)
		}
	})
}

func fuzzed(data []byte) ptrace.Traces {
	td := ptrace.NewTraces()
	for ; len(data) >= 6; data = data[6:] {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutInt("service.name", int64(data[4]%2))
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetTraceID(pcommon.TraceID{data[0] % 3})
		span.SetSpanID(pcommon.SpanID{data[1] % 5})
		span.SetParentSpanID(pcommon.SpanID{data[2] % 5})
		span.SetKind(ptrace.SpanKind(data[3] % 6))
		span.SetFlags(uint32(data[3]) << 4)
		switch data[5] % 4 {
		case 0: // a user of this trace
			span.Attributes().PutInt("user.id", int64(data[0]%3))
		case 1:
			span.Attributes().PutEmpty("user.id")
		case 2:
			span.Attributes().PutStr("activity.actor.type", "anonymous")
		}
	}
	return td
}

func requireSound(t *testing.T, before, after ptrace.Traces) {
	for i := range before.ResourceSpans().Len() {
		was := before.ResourceSpans().At(i).ScopeSpans().At(0).Spans().At(0)
		is := after.ResourceSpans().At(i).ScopeSpans().At(0).Spans().At(0)
		if claimOf(was.Attributes()) != nothing {
			require.Equal(t, was.Attributes().AsRaw(), is.Attributes().AsRaw())
		}
		if v, ok := is.Attributes().Get("user.id"); ok && text(v) != "" {
			require.Equal(t, int64(is.TraceID()[0]), v.Int())
		}
	}
}

// FuzzRequests does the same on the way up: only server spans get a user.
func FuzzRequests(f *testing.F) {
	f.Add([]byte("aabccdeffghiijkklmnoopqrstuvwxyz"))
	f.Add([]byte{0, 1, 2, 2, 0, 0, 0, 2, 1, 2, 0, 1, 0, 3, 3, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		j := New(Config{Enabled: true, Window: confcheck.Duration(time.Hour), MaxSpans: 16})
		for len(data) >= 6 {
			n := min(len(data)/6, 8)
			td := fuzzed(data[:6*n])
			data = data[6*n:]
			before := ptrace.NewTraces()
			td.CopyTo(before)
			j.Requests(td)
			requireSound(t, before, td)
			for i, rs := range td.ResourceSpans().All() {
				span := rs.ScopeSpans().At(0).Spans().At(0)
				if span.Kind() != ptrace.SpanKindServer {
					require.Equal(t, before.ResourceSpans().At(i), rs)
				}
			}
			require.LessOrEqual(t, j.Remembered(), 16)
		}
	})
}
