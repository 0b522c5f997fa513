package activityprocessor

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
)

var update = flag.Bool("update", false, "write what becomes of the requests into testdata/requests.txt; read it before you commit it")

const requestsFile = "testdata/requests.txt"

// policyRequest is one line of requests.txt.
type policyRequest struct {
	line             int
	rule, text, want string
}

func policyRequests(t testing.TB) (comment string, list []policyRequest) {
	t.Helper()
	content, err := os.ReadFile(requestsFile)
	require.NoError(t, err)
	for i, line := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			comment += line + "\n"
			continue
		}
		columns := strings.Split(line, " | ")
		require.Len(t, columns, 3, "line %d", i+1)
		list = append(list, policyRequest{i + 1, columns[0], columns[1], columns[2]})
	}
	return comment, list
}

func policy50(t testing.TB) *Config {
	t.Helper()
	conf, err := confmaptest.LoadConf(filepath.Join("testdata", "policy.yaml"))
	require.NoError(t, err)
	section, err := conf.Sub("activity")
	require.NoError(t, err)
	cfg := defaults()
	require.NoError(t, section.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	require.Len(t, cfg.Rules, 50)
	cfg.DropOthers, cfg.ErrorMode, cfg.Privacy.Enabled = false, "silent", false
	return cfg
}

// TestPolicy sends each request of requests.txt through the fifty rules of
// policy.yaml, alone and all in one batch.
func TestPolicy(t *testing.T) {
	cfg := policy50(t)
	p := newProcessor(t, cfg)
	comment, requests := policyRequests(t)
	require.GreaterOrEqual(t, len(requests), 200)
	var all policyBatch
	all.init()
	hit := map[string]int{}
	for i, r := range requests {
		var one policyBatch
		one.init()
		one.add(t, i, r.text)
		assert.Equal(t, r.rule, one.rule(t, p), "line %d: the rule of %s", r.line, r.text)
		hit[r.rule]++
		one.process(t, p)
		got := one.result(0)
		if *update {
			requests[i].want = got
		} else {
			assert.Equal(t, r.want, got, "line %d: %s", r.line, r.text)
		}
		all.add(t, i, r.text)
	}
	all.process(t, p)
	for i, r := range requests {
		assert.Equal(t, requests[i].want, all.result(i), "line %d, in a batch: %s", r.line, r.text)
	}
	for _, rule := range cfg.Rules {
		assert.NotZero(t, hit[rule.Name], "no request is for the rule %s", rule.Name)
	}
	if *update {
		for _, r := range requests {
			comment += r.rule + " | " + r.text + " | " + r.want + "\n"
		}
		require.NoError(t, os.WriteFile(requestsFile, []byte(comment), 0o600))
	}
}

// policyBatch is some requests, as spans and log records.
type policyBatch struct {
	traces ptrace.Traces
	logs   plog.Logs
	attrs  []pcommon.Map
	bodies []pcommon.Value
	before []attrs
}

func (b *policyBatch) init() { b.traces, b.logs = ptrace.NewTraces(), plog.NewLogs() }

var token = regexp.MustCompile(`\S+?="[^"]*"|\S+`)

// add reads a request.
func (b *policyBatch) add(t testing.TB, i int, text string) {
	t.Helper()
	words := token.FindAllString(text, -1)
	kind, service := words[0], words[1]
	words = words[2:]
	var resource, own pcommon.Map
	var span ptrace.Span
	var body pcommon.Value
	isLog := kind == "log" || kind == "declared-log"
	if isLog {
		rl := b.logs.ResourceLogs().AppendEmpty()
		record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		record.SetTimestamp(1_700_000_000_123_456_789)
		record.SetTraceID(pcommon.TraceID{byte(i >> 8), byte(i), 1})
		record.SetSpanID(pcommon.SpanID{byte(i >> 8), byte(i), 1})
		resource, own, body = rl.Resource().Attributes(), record.Attributes(), record.Body()
	} else {
		rs := b.traces.ResourceSpans().AppendEmpty()
		span = rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetStartTimestamp(1_700_000_000_123_456_789)
		span.SetTraceID(pcommon.TraceID{byte(i >> 8), byte(i), 1})
		span.SetSpanID(pcommon.SpanID{byte(i >> 8), byte(i), 1})
		span.SetKind(cmpKind(kind))
		resource, own = rs.Resource().Attributes(), span.Attributes()
	}
	resource.PutStr(activity.ServiceNameKey, service)
	if len(words) > 3 && words[0] == strings.ToUpper(words[0]) {
		own.PutStr("http.request.method", words[0])
		if words[1] != "-" {
			own.PutStr("http.route", words[1])
		}
		own.PutStr("url.path", words[2])
		code, err := strconv.Atoi(words[3])
		require.NoError(t, err, text)
		own.PutInt("http.response.status_code", int64(code))
		words = words[4:]
	}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		value = strings.Trim(value, `"`)
		switch {
		case word == "!error":
			span.Status().SetCode(ptrace.StatusCodeError)
		case key == "name":
			span.SetName(value)
		case key == "body":
			body.SetStr(value)
		case strings.HasPrefix(key, "@"):
			resource.PutStr(key[1:], value)
		default:
			put(own, key, value)
		}
	}
	b.attrs, b.bodies, b.before = append(b.attrs, own), append(b.bodies, body), append(b.before, own.AsRaw())
}

func cmpKind(kind string) ptrace.SpanKind {
	if k, ok := spanKinds[kind]; ok {
		return k
	}
	return ptrace.SpanKindServer // declared-span
}

// put puts a value as what it looks like.
func put(m pcommon.Map, key, value string) {
	if n, err := strconv.Atoi(value); err == nil && !strings.HasPrefix(key, "user.") {
		m.PutInt(key, int64(n))
		return
	}
	var object map[string]any
	if json.Unmarshal([]byte(value), &object) == nil {
		_ = m.PutEmptyMap(key).FromRaw(object)
		return
	}
	m.PutStr(key, value)
}

func (b *policyBatch) process(t *testing.T, p *activityProcessor) {
	t.Helper()
	_, err := p.processTraces(t.Context(), b.traces)
	require.NoError(t, err)
	_, err = p.processLogs(t.Context(), b.logs)
	require.NoError(t, err)
}

// spanKinds are the kinds of the requests in the table.
var spanKinds = map[string]ptrace.SpanKind{
	"server": ptrace.SpanKindServer, "consumer": ptrace.SpanKindConsumer, "client": ptrace.SpanKindClient,
	"producer": ptrace.SpanKindProducer, "internal": ptrace.SpanKindInternal,
}

// rule returns the name of the rule that the only request has.
func (b *policyBatch) rule(t *testing.T, p *activityProcessor) string {
	t.Helper()
	if b.traces.SpanCount() > 0 {
		rs := b.traces.ResourceSpans().At(0)
		var in rule.Span
		in.ResourceSpans, in.ScopeSpans = rs, rs.ScopeSpans().At(0)
		span := in.ScopeSpans.Spans().At(0)
		in.Reset(span.Attributes(), record.ServiceOf(rs.Resource()))
		in.Span, in.Kind, in.Status = span, kindOf(span), span.Status().Code()
		name, _, err := p.spans.RuleFor(t.Context(), &in)
		return ruleName(name, err)
	}
	rl := b.logs.ResourceLogs().At(0)
	var in rule.Log
	in.ResourceLogs, in.ScopeLogs, in.LogRecord = rl, rl.ScopeLogs().At(0), rl.ScopeLogs().At(0).LogRecords().At(0)
	in.Reset(in.LogRecord.Attributes(), record.ServiceOf(rl.Resource()))
	name, derives, err := p.logs.RuleFor(t.Context(), &in)
	if record.StateOf(in.Attrs).MayDerive && !derives {
		return "-" // the rule matches, and is for declared activities alone
	}
	return ruleName(name, err)
}

func ruleName(name string, err error) string {
	if name == "" || err != nil {
		return "-"
	}
	return name
}

// result says what became of the request i: the fields that rules may change, in
// the order of their names.
func (b *policyBatch) result(i int) string {
	m := b.attrs[i].AsRaw()
	if m[activity.SkippedKey] == true {
		return "skipped"
	}
	if _, ok := m[activity.ActionTypeKey]; !ok {
		return "-"
	}
	var parts []string
	for key, value := range m {
		short := strings.TrimPrefix(key, "activity.")
		switch {
		case key == activity.IDKey || key == activity.RemarksKey && value == defaultRemarks(m):
		case key == activity.DataKey:
			data, _ := json.Marshal(value)
			parts = append(parts, "data="+string(data))
		case short != key, key == activity.ErrorTypeKey, key == activity.ClientAddressKey:
			parts = append(parts, fmt.Sprintf("%s=%v", short, value))
		case b.before[i][activity.ActionTypeKey] != nil:
			parts = append(parts, fmt.Sprintf("%s=%v", key, value))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// defaultRemarks returns the remarks of an activity whose rules set none.
func defaultRemarks(m map[string]any) string {
	text := func(key string) string {
		s, _ := m[key].(string)
		return s
	}
	data, _ := m[activity.DataKey].(map[string]any)
	a := activity.Activity{
		Actor: activity.Actor{
			ID: text(activity.ActorIDKey), Type: activity.ActorType(text(activity.ActorTypeKey)), Name: text(activity.ActorNameKey),
		},
		ActionType: activity.ActionType(text(activity.ActionTypeKey)), ActionName: text(activity.ActionNameKey),
		Status: activity.Status(text(activity.StatusKey)), Data: data, ClientAddress: text(activity.ClientAddressKey),
		Object: activity.Object{Type: text(activity.ObjectTypeKey), ID: text(activity.ObjectIDKey)},
	}
	return a.DefaultRemarks()
}
