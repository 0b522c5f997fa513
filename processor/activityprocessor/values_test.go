package activityprocessor

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

// valueSpan is a span with what the expressions of valuesOfOTTL are about.
func valueSpan(t *testing.T) (ptrace.Traces, ptrace.Span) {
	t.Helper()
	a := derivable()
	a["tags"], a["doc"], a["raw"], a["blank"] = []any{"a", int64(1)}, attrs{"b": 2.5}, []byte{1, 2}, " "
	td, span := newSpan(t, a)
	span.SetName("work")
	span.SetEndTimestamp(span.StartTimestamp() + 1_500_000_000)
	return td, span
}

// valuesOfOTTL are expressions of every type that OTTL has, with what a field and
// what a member of the data gets of them.
var valuesOfOTTL = []struct {
	expression string
	text       string // "" is nothing
	data       any    // nil is nothing
}{
	{`attributes["user.name"]`, "alice", "alice"},
	{`Int("17")`, "17", int64(17)},
	{`Double("1.5")`, "1.5", 1.5},
	{`IsString(attributes["user.id"])`, "true", true},
	{`attributes["raw"]`, "AQI=", []byte{1, 2}},
	{`attributes["tags"]`, `["a",1]`, []any{"a", int64(1)}},
	{`attributes["doc"]`, `{"b":2.5}`, attrs{"b": 2.5}},
	{`attributes["doc"]["b"]`, "2.5", 2.5},
	{`attributes["missing"]`, "", nil},
	{`attributes["missing"]["deep"]`, "", nil},
	{`Split("a/b", "/")`, `["a","b"]`, []any{"a", "b"}},
	{`Split("a/b", "/")[1]`, "b", "b"},
	{`ParseJSON("{\"a\":[1,null]}")`, `{"a":[1,null]}`, attrs{"a": []any{1.0, nil}}},
	{`ParseJSON("[true]")`, `[true]`, []any{true}},
	{`ParseCSV("1,x", "n,s")`, `{"n":"1","s":"x"}`, attrs{"n": "1", "s": "x"}},
	{`span.trace_id`, "01000000000000000000000000000000", "01000000000000000000000000000000"},
	{`span.span_id`, "0200000000000000", "0200000000000000"},
	{`span.parent_span_id`, "", nil},
	{`span.trace_id.string`, "01000000000000000000000000000000", "01000000000000000000000000000000"},
	{`span.start_time`, "2023-11-14T22:13:20.123456789Z", "2023-11-14T22:13:20.123456789Z"},
	{`(span.end_time - span.start_time)`, "1.5s", "1.5s"},
	{`Milliseconds(span.end_time - span.start_time)`, "1500", int64(1500)},
	{`span.kind`, "2", int64(2)},
	{`span.name`, "work", "work"},
	{`resource.attributes["service.name"]`, "blog", "blog"},
	{`Concat([" ", "\t"], "")`, "", " \t"},
}

func TestValuesOfOTTL(t *testing.T) {
	for _, tt := range valuesOfOTTL {
		t.Run(tt.expression, func(t *testing.T) {
			cfg := defaults()
			cfg.ErrorMode, cfg.Privacy.Enabled = "propagate", false
			cfg.Rules = []rule.Config{{Preset: preset.HTTPServer, Set: rule.Fields{"object.name": rule.Of(tt.expression), "data.x": rule.Of(tt.expression)}}}
			td, span := valueSpan(t)
			_, err := newProcessor(t, cfg).processTraces(t.Context(), td)
			require.NoError(t, err)
			checkValue(t, span.Attributes(), tt.text, tt.data)
		})
	}
}

// A declared activity gets the same.
func TestValuesOfOTTLInBlanks(t *testing.T) {
	for _, tt := range valuesOfOTTL {
		t.Run(tt.expression, func(t *testing.T) {
			cfg := defaults()
			cfg.ErrorMode, cfg.Privacy.Enabled = "propagate", false
			cfg.Rules = []rule.Config{{Set: rule.Fields{"object.name": rule.Of(tt.expression), "data.x": rule.Of(tt.expression)}}}
			td, span := valueSpan(t)
			span.Attributes().PutStr(activity.ActionTypeKey, "Read")
			_, err := newProcessor(t, cfg).processTraces(t.Context(), td)
			require.NoError(t, err)
			checkValue(t, span.Attributes(), tt.text, tt.data)
		})
	}
}

func checkValue(t *testing.T, a pcommon.Map, text string, member any) {
	t.Helper()
	name, named := a.Get(activity.ObjectNameKey)
	require.Equal(t, text != "", named)
	if named {
		assert.Equal(t, text, name.Str())
	}
	data, has := a.Get(activity.DataKey)
	if member == nil {
		assert.False(t, has, "there is nothing to keep")
		return
	}
	require.True(t, has)
	assert.Equal(t, attrs{"x": member}, data.Map().AsRaw())
}

// What no attribute can hold is an error of the expression, and changes nothing.
func TestValueOfAnotherType(t *testing.T) {
	for _, declared := range []bool{false, true} {
		for _, expression := range []string{"span.status", "span.events"} {
			cfg := defaults()
			cfg.ErrorMode = "silent"
			cfg.Rules = []rule.Config{{Name: "a", Set: rule.Fields{"object.name": rule.Of(expression), "data.x": rule.Of(expression)}}, {Preset: preset.HTTPServer}}
			td, span := valueSpan(t)
			if declared {
				span.Attributes().PutStr(activity.ActionTypeKey, "Read")
			}
			_, err := newProcessor(t, cfg).processTraces(t.Context(), td)
			require.NoError(t, err)
			got := span.Attributes().AsRaw()
			assert.NotNil(t, got[activity.ActionTypeKey])
			assert.NotContains(t, got, activity.DataKey)
			assert.NotContains(t, got, activity.ObjectNameKey)

			cfg.ErrorMode = "propagate"
			td, span = valueSpan(t)
			if declared {
				span.Attributes().PutStr(activity.ActionTypeKey, "Read")
			}
			_, err = newProcessor(t, cfg).processTraces(t.Context(), td)
			require.ErrorContains(t, err, `rule "a": `)
			require.ErrorContains(t, err, expression+": failed on a record")
		}
	}
}

// What a rule fills into a declared activity has the usual spelling, as what it
// sets of a plain span has.
func TestBlanksAreNormalised(t *testing.T) {
	const rules = `rules: [{name: a, context: log, match: ['log.attributes["kind"] != nil'], set: {action.type: 'attributes["kind"]', client.address: 'attributes["from"]'}}]`
	for name, a := range map[string]attrs{
		"plain":    {},
		"declared": {activity.ActionTypeKey: ""},
	} {
		a["kind"], a["from"] = "LOGIN", "[::ffff:192.0.2.7]:4711"
		ld, record := newRecord(t, a)
		_, err := newProcessor(t, configOf(t, rules)).processLogs(t.Context(), ld)
		require.NoError(t, err)
		got := record.Attributes().AsRaw()
		assert.Equal(t, "Login", got[activity.ActionTypeKey], name)
		assert.Equal(t, "192.0.2.7", got[activity.ClientAddressKey], name)
	}
}

// allKinds are attributes of all kinds.
var allKinds = attrs{
	"text": "a", "blank": "", "spaces": " a ", "digits": "17", "number": 17, "zero": 0, "negative": -17, "double": 17.0,
	"yes": true, "list": []any{"a", 17}, "map": attrs{"a": "b"}, "bytes": []byte("a"), "nothing": nil,
}

// A field that is an attribute has the text that OTTL gives it.
func TestAttributeIsAsOTTL(t *testing.T) {
	for name := range allKinds {
		quick := defaults()
		quick.Rules = []rule.Config{{Preset: preset.HTTPServer, Set: rule.Fields{"object.name": rule.Of(fmt.Sprintf(`attributes[%q]`, name))}}}
		slow := defaults()
		slow.Rules = []rule.Config{{Preset: preset.HTTPServer, Set: rule.Fields{"object.name": rule.Of(fmt.Sprintf(`(attributes[%q])`, name))}}}
		made := func(cfg *Config) attrs {
			a := derivable()
			for k, v := range allKinds {
				a[k] = v
			}
			td, span := newSpan(t, a)
			p := newProcessor(t, cfg)
			_, err := p.processTraces(t.Context(), td)
			require.NoError(t, err)
			return span.Attributes().AsRaw()
		}
		assert.Equal(t, made(slow), made(quick), name)
	}
}
