package join

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// spec is a span of a test. Ids are single letters; "" is no parent.
type spec struct {
	id, parent string
	kind       ptrace.SpanKind
	service    string // "blog" if empty
	trace      byte
	flags      uint32
	attrs      map[string]any
}

const (
	server   = ptrace.SpanKindServer
	client   = ptrace.SpanKindClient
	internal = ptrace.SpanKindInternal
	consumer = ptrace.SpanKindConsumer
)

func spanID(id string) (s pcommon.SpanID) {
	copy(s[:], id)
	return s
}

// traces returns spans, each in a resource of its own.
func traces(tb testing.TB, specs ...spec) ptrace.Traces {
	tb.Helper()
	td := ptrace.NewTraces()
	for _, s := range specs {
		rs := td.ResourceSpans().AppendEmpty()
		if s.service == "" {
			s.service = "blog"
		}
		rs.Resource().Attributes().PutStr("service.name", s.service)
		span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetName(s.id)
		span.SetTraceID(pcommon.TraceID{1, s.trace})
		span.SetSpanID(spanID(s.id))
		span.SetParentSpanID(spanID(s.parent))
		span.SetKind(s.kind)
		span.SetFlags(s.flags)
		require.NoError(tb, span.Attributes().FromRaw(s.attrs))
	}
	return td
}

// usersOf returns user.id by name of the span, of those that have one.
func usersOf(td ptrace.Traces) map[string]string {
	users := map[string]string{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if v, ok := span.Attributes().Get("user.id"); ok {
					users[span.Name()] = v.AsString()
				}
			}
		}
	}
	return users
}

func logs(tb testing.TB, trace byte, span string, attrs map[string]any) plog.Logs {
	tb.Helper()
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "blog")
	record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.SetTraceID(pcommon.TraceID{1, trace})
	record.SetSpanID(spanID(span))
	require.NoError(tb, record.Attributes().FromRaw(attrs))
	return ld
}

func mapOf(tb testing.TB, raw map[string]any) pcommon.Map {
	tb.Helper()
	m := pcommon.NewMap()
	require.NoError(tb, m.FromRaw(raw))
	return m
}

func recordOf(ld plog.Logs) map[string]any {
	return ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
}

// captured reads spans that a real SDK has sent.
func captured(tb testing.TB, name string) ptrace.Traces {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(tb, err)
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(text)
	require.NoError(tb, err)
	return td
}

// clock is a time that tests move.
type clock struct{ time.Time }

func newTest(cfg Config) (*Joiner, *clock) {
	c := &clock{time.Unix(1_700_000_000, 0)}
	j := New(cfg)
	j.now = func() time.Time { return c.Time }
	return j, c
}

func configured(change func(*Config)) Config {
	cfg := DefaultConfig()
	change(&cfg)
	return cfg
}

var alice = map[string]any{"user.id": "42", "user.name": "alice"}

// endUserOf returns enduser.id of the span a, if that has no user.id.
func endUserOf(td ptrace.Traces) string {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				_, has := span.Attributes().Get("user.id")
				if v, ok := span.Attributes().Get("enduser.id"); ok && !has && span.Name() == "a" {
					return v.AsString()
				}
			}
		}
	}
	return ""
}
