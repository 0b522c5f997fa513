package activityprocessor

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/activity"
)

// skippedPolicy has a rule for each fate of a record.
const skippedPolicy = `
rules:
  - {name: health, services: [blog], match: ['attributes["url.path"] == "/healthz"'], level: none}
  - {name: web, preset: http_server, sample_reads: 0.0000000001}
  - {name: db, preset: db_client, tables: [articles]}
  - {name: lines, context: log, match: ['log.body == "audit"'], anonymous: false, set: {action.type: Update, actor.id: 'attributes["who"]'}}
`

// Each span and log record that did not become an activity is counted once, by the reason.
func TestSkippedByReason(t *testing.T) {
	b := newBoth(t, func(c *Config) { *c = *configOf(t, skippedPolicy) })
	spans := map[reason][]attrs{
		isActivity: {{"http.request.method": "PUT", "user.id": "42"}},
		noActor:    {{"http.request.method": "PUT"}, {"http.request.method": "PUT", "user.name": "alice"}},
		noAction:   {{"http.request.method": "BREW", "user.id": "42"}},
		noRule:     {{"messaging.system": "kafka"}, {"rpc.system": "grpc", "rpc.method": "x/Y"}},
		levelNone:  {{"url.path": "/healthz", "http.request.method": "GET", "user.id": "42"}},
		sampled:    {{"http.request.method": "GET", "user.id": "42"}},
		excluded:   {{"http.request.method": "PUT", "user.id": "42", activity.SkippedKey: true}},
		notServer:  {{"kind": "internal", "http.request.method": "PUT", "user.id": "42"}, {"kind": "client", "http.request.method": "PUT"}},
	}
	td, _ := newSpan(t, attrs{})
	all := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	all.RemoveIf(func(ptrace.Span) bool { return true })
	id := byte(0)
	add := func(a attrs) ptrace.Span {
		id++
		_, span := newSpan(t, a)
		span.SetTraceID(pcommon.TraceID{id})
		span.SetSpanID(pcommon.SpanID{id})
		for name, kind := range map[any]ptrace.SpanKind{"internal": ptrace.SpanKindInternal, "client": ptrace.SpanKindClient} {
			if a["kind"] == name {
				span.SetKind(kind)
			}
		}
		one := all.AppendEmpty()
		span.MoveTo(one)
		return one
	}
	want := map[string]int64{}
	for why, list := range spans {
		for _, a := range list {
			add(a)
		}
		if why != isActivity {
			want[why.String()] += int64(len(list))
		}
	}
	statement := func(table string) attrs {
		return attrs{"kind": "client", "db.system": "mysql", "db.statement": "DELETE FROM " + table}
	}
	add(statement("sessions")) // known to a preset, but its rule is for other tables
	want["no_rule"]++
	add(statement("articles"))
	want["no_actor"]++
	outer := add(attrs{"http.request.method": "PUT", "user.id": "42"})
	nestedSpan := add(attrs{"http.request.method": "PUT", "user.id": "42"})
	nestedSpan.SetTraceID(outer.TraceID())
	nestedSpan.SetParentSpanID(outer.SpanID())
	nestedSpan.SetFlags(localParent)
	want["nested"]++
	declared := add(attrs{"http.request.method": "PUT", "user.id": "42"})
	want["declared"]++

	ld, record := newRecord(t, attrs{activity.ActionTypeKey: "Update", activity.ActorIDKey: "42"})
	record.SetTraceID(declared.TraceID())
	record.SetSpanID(declared.SpanID())
	lines := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	for body, a := range map[string]attrs{"audit": {}, "hello": {}, "bye": {activity.SkippedKey: true}} {
		line := lines.AppendEmpty()
		line.Body().SetStr(body)
		require.NoError(t, line.Attributes().FromRaw(a))
	}
	want["no_actor"]++
	want["no_rule"]++
	want["excluded"]++
	require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))

	m, err := b.telemetry.GetMetric("otelcol_processor_activity_skipped")
	require.NoError(t, err)
	got := map[string]int64{}
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		why, _ := point.Attributes.Value("reason")
		got[why.AsString()] = point.Value
	}
	assert.Equal(t, want, got)
	assert.Equal(t, int64(3), total(t, b, "otelcol_processor_activity_activities"))
	assert.Equal(t, got["level_none"]+got["sampled"], total(t, b, "otelcol_processor_activity_dropped"),
		"what rules dropped is counted by rule and by reason")
}

// What a rule drops of declared activities is counted as well.
func TestSkippedDeclared(t *testing.T) {
	b := newBoth(t, func(c *Config) { *c = *configOf(t, `rules: [{name: none, level: none}]`) })
	td, _ := newSpan(t, attrs{activity.ActionTypeKey: "Update"})
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
	assert.Equal(t, int64(1), total(t, b, "otelcol_processor_activity_skipped"))
}

// A request that the service should have declared is an activity.
func TestCoveredRequestIsNotSkipped(t *testing.T) {
	b := newBoth(t, func(c *Config) { c.Coverage.Rows = true })
	ld, _ := newRecord(t, attrs{activity.ActionTypeKey: "Update"})
	require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
	td, _ := newSpan(t, attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200})
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
	require.Len(t, b.spans.AllTraces(), 1)
	_, err := b.telemetry.GetMetric("otelcol_processor_activity_skipped")
	assert.Error(t, err, "nothing was skipped")
}

// The reasons of the code are those of metadata.yaml, and each is explained.
func TestReasonsHaveNames(t *testing.T) {
	var file struct {
		Attributes map[string]struct{ Enum []string }
	}
	require.NoError(t, yaml.Unmarshal(readFile(t, "metadata.yaml"), &file))
	var names []string
	for r := isActivity + 1; r < numReasons; r++ {
		names = append(names, r.String())
		assert.NotEmpty(t, reasons[r].meaning)
	}
	want := file.Attributes["reason"].Enum
	slices.Sort(names)
	slices.Sort(want)
	assert.Equal(t, want, names)
}
