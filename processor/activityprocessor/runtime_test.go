package activityprocessor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
)

// failing has a condition and a value that fail on a record with another text than
// a number and JSON.
const failing = `
error_mode: %s
rules:
  - {name: parses, match: ['ParseJSON(attributes["doc"])["a"] == "b"'], level: none}
  - {name: sets, preset: http_server, set: {data.n: 'ParseInt(attributes["n"], 10)', object.name: named}}
`

// failed is a request whose first span fails twice and whose second does not.
func failed(t *testing.T) ptrace.Traces {
	t.Helper()
	td, first := newSpan(t, derivable())
	first.Attributes().PutStr("doc", "s3cret {")
	first.Attributes().PutStr("n", "s3cret")
	second := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
	first.CopyTo(second)
	second.SetSpanID(pcommon.SpanID{9})
	second.Attributes().PutStr("doc", `{"a": "x"}`)
	second.Attributes().PutStr("n", "17")
	return td
}

func TestErrorMode(t *testing.T) {
	for _, tt := range []struct {
		mode    string
		logged  int
		errors  int64
		refused bool
	}{
		{"ignore", 2, 2, false},
		{"silent", 0, 2, false},
		{"propagate", 0, 1, true},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			telemetry := componenttest.NewTelemetry()
			t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
			core, logs := observer.New(zapcore.DebugLevel)
			set := processortest.NewNopSettings(metadata.Type)
			set.TelemetrySettings = telemetry.NewTelemetrySettings()
			set.Logger = zap.New(core)
			sink := new(consumertest.TracesSink)
			p, err := NewFactory().CreateTraces(t.Context(), set, configOf(t, fmt.Sprintf(failing, tt.mode)), sink)
			require.NoError(t, err)
			start(t, p)

			err = p.ConsumeTraces(t.Context(), failed(t))
			if tt.refused {
				require.ErrorContains(t, err, `rule "parses": match[0]: ParseJSON(attributes["doc"])["a"] == "b": failed on a record`)
				assert.NotContains(t, err.Error(), "s3cret")
				assert.Zero(t, sink.SpanCount(), "nothing goes half the way")
			} else {
				require.NoError(t, err)
				spans := sink.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans()
				require.Equal(t, 2, spans.Len())
				_, has := spans.At(0).Attributes().Get(activity.DataKey)
				assert.False(t, has, "the value that failed is left out")
				data, _ := spans.At(1).Attributes().Get(activity.DataKey)
				assert.Equal(t, attrs{"n": int64(17)}, data.Map().AsRaw())
				name, _ := spans.At(0).Attributes().Get(activity.ObjectNameKey)
				assert.Equal(t, "named", name.Str(), "the others are there")
			}
			warnings := logs.FilterMessageSnippet("An expression of a rule failed").All()
			require.Len(t, warnings, tt.logged)
			for i, want := range []attrs{
				{"rule": "parses", "position": "match[0]", "expression": `ParseJSON(attributes["doc"])["a"] == "b"`},
				{"rule": "sets", "position": "data.n", "expression": `ParseInt(attributes["n"], 10)`},
			}[:tt.logged] {
				assert.Equal(t, want, warnings[i].ContextMap())
			}
			for _, entry := range logs.All() {
				assert.NotContains(t, fmt.Sprint(entry.Message, entry.ContextMap()), "s3cret")
			}
			m, err := telemetry.GetMetric("otelcol_processor_activity_rule_errors")
			require.NoError(t, err)
			assert.Equal(t, tt.errors, sum(t, m))
		})
	}
}

// Sampling keeps the same reads in spans and in log records, in every processor,
// as many as it says, and all the rest.
func TestSampling(t *testing.T) {
	const n, part = 20_000, 0.25
	cfg := configOf(t, `
drop_others: true
rules: [{name: reads, sample_reads: 0.25}]
`)
	td, ld := ptrace.NewTraces(), plog.NewLogs()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		id := activity.NewID().String()
		for _, a := range []pcommon.Map{spans.AppendEmpty().Attributes(), records.AppendEmpty().Attributes()} {
			a.PutStr(activity.IDKey, id)
			a.PutStr(activity.ActionTypeKey, []string{"Read", "Update", "Read"}[min(i%4, 2)])
			a.PutStr(activity.StatusKey, []string{"Success", "Success", "Failed", "Success"}[i%4])
		}
	}
	td, err := newProcessor(t, cfg).processTraces(t.Context(), td)
	require.NoError(t, err)
	ld, err = newProcessor(t, configOf(t, "rules: [{name: other, sample_reads: 0.25}]")).processLogs(t.Context(), ld)
	require.NoError(t, err)

	kept := map[string]bool{}
	sampled, others := 0, 0
	for _, span := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		id, _ := span.Attributes().Get(activity.IDKey)
		kept[id.Str()] = true
		data, weighs := span.Attributes().Get(activity.DataKey)
		if !weighs {
			others++
			continue
		}
		sampled++
		assert.Equal(t, attrs{"sample_weight": 4.0}, data.Map().AsRaw())
	}
	assert.Equal(t, n/2, others, "writes and failures are never sampled")
	assert.InDelta(t, n/2*part, sampled, 0.03*n/2)
	require.Equal(t, len(kept), ld.LogRecordCount())
	for _, record := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		id, _ := record.Attributes().Get(activity.IDKey)
		assert.True(t, kept[id.Str()])
	}
}

// A declared activity of which nothing is kept must not be made one again.
func TestLevelNoneOfDeclared(t *testing.T) {
	cfg := configOf(t, `
drop_others: false
rules: [{name: none, actions: [Read], level: none}, {preset: http_server}]
`)
	a := derivable()
	a[activity.ActionTypeKey] = "read"
	td, span := newSpan(t, a)
	p := newProcessor(t, cfg)
	for range 2 {
		_, err := p.processTraces(t.Context(), td)
		require.NoError(t, err)
		assert.False(t, identity.IsActivity(span.Attributes()))
		skipped, _ := span.Attributes().Get(activity.SkippedKey)
		assert.True(t, skipped.Bool())
		for key := range span.Attributes().All() {
			assert.True(t, !strings.HasPrefix(key, "activity.") || key == activity.SkippedKey, key)
		}
	}
}

func TestOwnMetrics(t *testing.T) {
	b := newBoth(t, func(cfg *Config) {
		*cfg = *configOf(t, `rules: [{name: none, objects: [secret], level: none}, {preset: http_server}]`)
	})
	td, _ := newSpan(t, derivable())
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
	for _, a := range []attrs{
		{activity.ActionTypeKey: "Read", activity.ObjectTypeKey: "secret"},
		{activity.ActionTypeKey: "login_failed"},
		{activity.ActionTypeKey: "Approve"},
		{activity.ActionTypeKey: "Promote", activity.StatusKey: "failed"},
	} {
		ld, _ := newRecord(t, a)
		require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
	}
	m, err := b.telemetry.GetMetric("otelcol_processor_activity_activities")
	require.NoError(t, err)
	got := map[string]int64{}
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		action, _ := point.Attributes.Value("action")
		status, _ := point.Attributes.Value("status")
		source, _ := point.Attributes.Value("source")
		got[action.AsString()+" "+status.AsString()+" "+source.AsString()] = point.Value
	}
	assert.Equal(t, map[string]int64{
		"Update Success derived": 1, "Login Failed Failed declared": 1, "other Success declared": 1, "other Failed declared": 1,
	}, got)
	m, err = b.telemetry.GetMetric("otelcol_processor_activity_dropped")
	require.NoError(t, err)
	points := m.Data.(metricdata.Sum[int64]).DataPoints
	require.Len(t, points, 1)
	rule, _ := points[0].Attributes.Value("rule")
	assert.Equal(t, "none 1", fmt.Sprint(rule.AsString(), " ", points[0].Value))
}

// One processor serves many receivers at once.
func TestConcurrentUse(t *testing.T) {
	p := newProcessor(t, policy50(t))
	_, requests := policyRequests(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 5 {
				var all policyBatch
				all.init()
				for i, r := range requests {
					all.add(t, i, r.text)
				}
				all.process(t, p)
				for i, r := range requests {
					assert.Equal(t, r.want, all.result(i))
				}
			}
		})
	}
	wait.Wait()
}
