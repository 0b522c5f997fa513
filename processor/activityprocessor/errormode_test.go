package activityprocessor

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
)

// failures are rules with an expression that fails on a record that has the secret
// in everything that expressions see.
var failures = []struct {
	name, rule, position, expression string
}{
	{"condition", `{name: a, match: ['Substring(attributes["secret"], 100, 3) == "x"'], set: {action.type: Read}}`,
		"match[0]", `Substring(attributes["secret"], 100, 3) == "x"`},
	{"second condition", `{name: a, match: ['attributes["secret"] != nil', 'ParseJSON(log.body)["x"] == 1'], set: {action.type: Read}}`,
		"match[1]", `ParseJSON(log.body)["x"] == 1`},
	{"number", `{name: a, set: {object.id: 'ParseInt(attributes["secret"], 10)'}}`, "object.id", `ParseInt(attributes["secret"], 10)`},
	{"JSON", `{name: a, set: {data.doc: 'ParseJSON(log.body)'}}`, "data.doc", `ParseJSON(log.body)`},
	{"index", `{name: a, set: {object.name: 'Split(attributes["secret"], "-")[7]'}}`, "object.name", `Split(attributes["secret"], "-")[7]`},
	{"key of text", `{name: a, set: {object.name: 'attributes["secret"]["deep"]'}}`, "object.name", `attributes["secret"]["deep"]`},
	{"range", `{name: a, set: {object.name: 'Substring(attributes["secret"], 2, 1000)'}}`, "object.name", `Substring(attributes["secret"], 2, 1000)`},
	{"time", `{name: a, set: {data.at: 'Time(attributes["secret"], "%Y-%m-%d")'}}`, "data.at", `Time(attributes["secret"], "%Y-%m-%d")`},
	{"of a failure", `{name: a, on_failed: {data.n: 'Duration(attributes["secret"])'}}`, "data.n", `Duration(attributes["secret"])`},
}

const secretText = "s3cret-{"

// failingLogs are a declared record that fails on the rule, and one of another
// resource that does not.
func failingLogs(t *testing.T) plog.Logs {
	t.Helper()
	ld := plog.NewLogs()
	for i, a := range []attrs{
		{activity.ActionTypeKey: "Update", activity.StatusKey: "Failed", "secret": secretText},
		{activity.ActionTypeKey: "Update", "nothing": "x"},
	} {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr(activity.ServiceNameKey, fmt.Sprint("service ", i))
		record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		require.NoError(t, record.Attributes().FromRaw(a))
		record.Body().SetStr(secretText)
	}
	return ld
}

func TestFailures(t *testing.T) {
	for _, tt := range failures {
		for _, mode := range []string{"ignore", "silent", "propagate"} {
			t.Run(tt.name+" "+mode, func(t *testing.T) {
				checkFailure(t, mode, "{services: [service 0], "+tt.rule[1:], tt.position, tt.expression)
			})
		}
	}
}

func checkFailure(t *testing.T, mode, rule, position, expression string) {
	t.Helper()
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.Background())) })
	core, logged := observer.New(zapcore.WarnLevel)
	set := processortest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = telemetry.NewTelemetrySettings()
	set.Logger = zap.New(core)
	cfg := configOf(t, "error_mode: "+mode+"\nrules: ["+rule+", {name: fallback, set: {object.type: thing}}]")
	sink := new(consumertest.LogsSink)
	p, err := NewFactory().CreateLogs(t.Context(), set, cfg, sink)
	require.NoError(t, err)
	start(t, p)

	err = p.ConsumeLogs(t.Context(), failingLogs(t))
	assert.Equal(t, map[string]int64{"rule=a": 1}, points(t, telemetry, "rule_errors"))
	for _, entry := range logged.All() {
		assert.NotContains(t, fmt.Sprint(entry.Message, entry.ContextMap()), "s3cret")
	}
	if mode == "propagate" {
		require.Error(t, err)
		assert.Equal(t, fmt.Sprintf("rule %q: %s: %s: failed on a record", "a", position, expression), err.Error())
		assert.Zero(t, sink.LogRecordCount(), "nothing goes half the way")
		assert.Zero(t, logged.Len())
		return
	}
	require.NoError(t, err)
	require.Equal(t, 2, sink.LogRecordCount(), "no activity is lost")
	for _, rl := range sink.AllLogs()[0].ResourceLogs().All() {
		checkActivity(t, rl.ScopeLogs().At(0).LogRecords().At(0).Attributes())
	}
	if mode == "silent" {
		assert.Zero(t, logged.Len())
		return
	}
	require.Equal(t, 1, logged.Len())
	assert.Equal(t, attrs{"rule": "a", "position": position, "expression": expression}, logged.All()[0].ContextMap())
}

// points returns the values of a counter of the processor by its attributes.
func points(t *testing.T, telemetry *componenttest.Telemetry, name string) map[string]int64 {
	t.Helper()
	got := map[string]int64{}
	m, err := telemetry.GetMetric("otelcol_processor_activity_" + name)
	require.NoError(t, err)
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		text := ""
		for _, kv := range point.Attributes.ToSlice() {
			if text != "" {
				text += " "
			}
			text += string(kv.Key) + "=" + kv.Value.String()
		}
		got[text] = point.Value
	}
	return got
}

// A condition that fails does not match, whatever the rule would do, and the next
// rule has its turn; a value that fails leaves the others.
func TestWhatGoesOnWithoutIt(t *testing.T) {
	p := newProcessor(t, configOf(t, `
error_mode: silent
rules:
  - {name: none, match: ['ParseInt(attributes["n"], 10) > 5'], level: none}
  - name: sets
    preset: http_server
    set: {actor.name: 'ParseInt(attributes["n"], 10)', data.a: 'ParseInt(attributes["n"], 10)', data.b: 1, object.type: post}
    on_failed: {error.type: 'ParseInt(attributes["n"], 10)', data.c: 2}
`))
	a := derivable()
	a["n"], a["http.response.status_code"] = "many", 500
	td, span := newSpan(t, a)
	_, err := p.processTraces(t.Context(), td)
	require.NoError(t, err)
	got := span.Attributes().AsRaw()
	assert.Equal(t, attrs{"b": int64(1), "c": int64(2)}, got[activity.DataKey])
	assert.Equal(t, []any{"alice", "500", "post"}, []any{got[activity.ActorNameKey], got[activity.ErrorTypeKey], got[activity.ObjectTypeKey]})
}

// Activities are counted as they leave: by known action types and "other", with the
// status and source that they have in the end.
func TestActivitiesAreCounted(t *testing.T) {
	b := newBoth(t, func(cfg *Config) {
		*cfg = *configOf(t, `
drop_others: false
rules:
  - {name: nothing, objects: [secret], level: none}
  - {name: reads, actions: [Read], sample_reads: 0.000001}
  - {name: named, objects: [door], set: {action.type: Open}}
  - {preset: http_server, set: {action.type: 'attributes["verb"]'}, on_failed: {action.type: Denied}}
`)
	})
	for _, change := range []attrs{
		{"verb": "Approve"}, {"verb": "approve"}, {"verb": "LOGIN"}, {},
		{"http.response.status_code": 403}, {"user.id": ""}, {"http.route": "/secrets/{id}", "url.path": "/secrets/1"}, {"http.request.method": "GET"},
	} {
		a := derivable()
		for key, value := range change {
			a[key] = value
		}
		td, _ := newSpan(t, a)
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
	}
	for _, a := range []attrs{
		{activity.ActionTypeKey: "Read"}, {activity.ActionTypeKey: "Read", activity.StatusKey: "failed"},
		{activity.ActionTypeKey: "", activity.ObjectTypeKey: "door"}, {activity.ActionTypeKey: ""}, {activity.ActionTypeKey: "Update", activity.SourceKey: "derived"},
		{activity.ActionTypeKey: "Create", activity.ObjectTypeKey: "secret"}, {"plain": true},
	} {
		ld, _ := newRecord(t, a)
		require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
	}
	assert.Equal(t, map[string]int64{
		"action=other source=derived status=Success":  2,
		"action=Login source=derived status=Success":  1,
		"action=Update source=derived status=Success": 3,
		"action=other source=derived status=Failed":   1,
		"action=Read source=declared status=Failed":   1,
		"action=other source=declared status=Success": 2,
	}, points(t, b.telemetry, "activities"))
	assert.Equal(t, map[string]int64{"rule=nothing": 2, "rule=reads": 2}, points(t, b.telemetry, "dropped"))
}
