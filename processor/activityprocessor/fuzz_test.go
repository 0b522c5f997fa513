package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// checkActivity fails unless attrs are those of a normalised activity.
func checkActivity(t *testing.T, attrs pcommon.Map) {
	t.Helper()
	id, _ := attrs.Get(activity.IDKey)
	_, err := activity.ParseID(id.Str())
	require.NoError(t, err)
	status, _ := attrs.Get(activity.StatusKey)
	require.Contains(t, []string{string(activity.StatusSuccess), string(activity.StatusFailed)}, status.Str())
	source, _ := attrs.Get(activity.SourceKey)
	require.NotEmpty(t, source.Str())
}

// FuzzTraces gives the processor whatever is OTLP at all: it must not panic,
// and what it lets through must be activities.
func FuzzTraces(f *testing.F) {
	for _, in := range []attrs{
		derivable(),
		{activity.ActionTypeKey: "Read", activity.StatusKey: "?"},
		{"http.method": "GET", "http.target": "/a/%zz;b?c", "http.route": "^a/(?P<x>[^/", "enduser.id": []any{1, attrs{"a": nil}}},
	} {
		td, _ := newSpan(f, in)
		wire, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(f, err)
		f.Add(wire)
	}
	p := newProcessor(f, defaults())
	f.Fuzz(func(t *testing.T, wire []byte) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(wire)
		if err != nil {
			t.Skip()
		}
		td, _ = p.processTraces(t.Context(), td)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					checkActivity(t, span.Attributes())
				}
			}
		}
	})
}

// FuzzLogs does for log records what FuzzTraces does for spans.
func FuzzLogs(f *testing.F) {
	for _, in := range []attrs{
		{activity.ActionTypeKey: "Read", activity.StatusKey: 1, activity.IDKey: []byte{0xff}},
		{activity.ActionTypeKey: attrs{"a": 1}, activity.ClientAddressKey: "[::1]:x"},
		{"other": "thing"},
	} {
		ld, _ := newRecord(f, in)
		wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		require.NoError(f, err)
		f.Add(wire)
	}
	p := newProcessor(f, defaults())
	f.Fuzz(func(t *testing.T, wire []byte) {
		ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
		if err != nil {
			t.Skip()
		}
		ld, _ = p.processLogs(t.Context(), ld)
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, record := range sl.LogRecords().All() {
					checkActivity(t, record.Attributes())
				}
			}
		}
	})
}
