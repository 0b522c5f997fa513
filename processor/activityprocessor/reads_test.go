package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// kinds of activities, of which only successful reads are left out.
var readsAndOthers = []attrs{
	{activity.ActionTypeKey: "read"},
	{activity.ActionTypeKey: "Read", activity.StatusKey: "Failed"},
	{activity.ActionTypeKey: "Update"},
	{"user.id": "42", "http.request.method": "GET", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 200},
	{"user.id": "42", "http.request.method": "GET", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 404},
	{"user.id": "42", "http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 200},
}

func TestReads(t *testing.T) {
	const n = 3000
	for name, tt := range map[string]struct {
		reads    rule.Reads
		rules    string
		declared float64 // which part of the successful reads is kept
		derived  float64
		weight   any
	}{
		"all":                        {reads: "all", declared: 1, derived: 1},
		"sampled":                    {reads: "sampled", declared: 0.1, derived: 0.1, weight: 10.0},
		"none":                       {reads: "none"},
		"none, but a rule keeps all": {reads: "none", rules: "[{preset: http_server, sample_reads: 1}]", derived: 1},
		"none, but a rule keeps some": {reads: "none", rules: "[{name: declared, actions: [Read], match: ['attributes[\"user.id\"] == nil'], sample_reads: 0.5}, {preset: http_server}]",
			declared: 0.5, weight: 2.0},
		"all, but a rule keeps some": {reads: "all", rules: "[{preset: http_server, sample_reads: 0.5}]", declared: 1, derived: 0.5, weight: 2.0},
		"none, with another rule":    {reads: "none", rules: "[{name: changes, set: {data.a: 1}}, {preset: http_server}]"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults()
			if tt.rules != "" {
				cfg = configOf(t, "rules: "+tt.rules)
			}
			cfg.Reads = tt.reads
			td := ptrace.NewTraces()
			spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
			for i := range n {
				for j, a := range readsAndOthers {
					span := spans.AppendEmpty()
					span.SetKind(ptrace.SpanKindServer)
					span.SetTraceID(pcommon.TraceID{1, byte(i), byte(i >> 8)})
					span.SetSpanID(pcommon.SpanID{1, byte(i), byte(i >> 8), byte(j)})
					require.NoError(t, span.Attributes().FromRaw(a))
				}
			}
			p := newProcessor(t, cfg)
			td, err := p.processTraces(t.Context(), td)
			require.NoError(t, err)
			got := map[string]float64{}
			for _, span := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
				all := span.Attributes().AsRaw()
				got[all[activity.ActionTypeKey].(string)+all[activity.StatusKey].(string)+all[activity.SourceKey].(string)]++
				if data, ok := all[activity.DataKey].(attrs); ok && data["sample_weight"] != nil {
					assert.Equal(t, tt.weight, data["sample_weight"])
				}
			}
			for _, all := range []string{"ReadFaileddeclared", "ReadFailedderived", "UpdateSuccessdeclared", "UpdateSuccessderived"} {
				assert.InDelta(t, n, got[all], 0, all)
			}
			assert.InDelta(t, tt.declared, got["ReadSuccessdeclared"]/n, 0.03)
			assert.InDelta(t, tt.derived, got["ReadSuccessderived"]/n, 0.03)
		})
	}
}

// A read that is left out must not come back by its span, and is counted.
func TestReadsOfLogs(t *testing.T) {
	b := newBoth(t, func(cfg *Config) { cfg.Reads, cfg.DropOthers = "none", false })
	ld, _ := newRecord(t, attrs{activity.ActionTypeKey: "Read", activity.ActorIDKey: "42"})
	require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
	require.Len(t, b.records.AllLogs(), 1)
	var left plog.LogRecord
	for _, rl := range b.records.AllLogs()[0].ResourceLogs().All() {
		left = rl.ScopeLogs().At(0).LogRecords().At(0)
	}
	assert.Equal(t, attrs{activity.SkippedKey: true}, left.Attributes().AsRaw())
	m, err := b.telemetry.GetMetric("otelcol_processor_activity_dropped")
	require.NoError(t, err)
	assert.EqualValues(t, 1, sum(t, m))
}
