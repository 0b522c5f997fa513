package activityconnector

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// FuzzTraces gives the connector whatever is OTLP at all: it must not panic,
// must leave the spans alone, and must make one record, with a valid id, of
// each span that is an activity.
func FuzzTraces(f *testing.F) {
	for _, in := range []attrs{
		derived(),
		{activity.ActionTypeKey: "Read", activity.IDKey: "?", activity.StatusKey: 1},
		{activity.ActionTypeKey: attrs{"a": 1}, activity.RemarksKey: []any{1}, activity.IDKey: []byte{0xff}},
		{"other": "thing"},
	} {
		td, _ := newSpan(f, in)
		wire, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(f, err)
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(wire)
		if err != nil {
			t.Skip()
		}
		activities := 0
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					if identity.IsActivity(span.Attributes()) {
						activities++
					}
				}
			}
		}
		records := 0
		for _, ld := range consume(t, &Config{Sources: sources}, td) {
			for _, rl := range ld.ResourceLogs().All() {
				for _, sl := range rl.ScopeLogs().All() {
					for _, record := range sl.LogRecords().All() {
						records++
						id, _ := record.Attributes().Get(activity.IDKey)
						_, err := activity.ParseID(id.Str())
						require.NoError(t, err)
					}
				}
			}
		}
		require.Equal(t, activities, records)
	})
}
