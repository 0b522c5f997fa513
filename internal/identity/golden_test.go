package identity_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
)

// A new id for a record that a released version has seen is a second row, so each
// shape of telemetry has its id here. Only add to the file.
var update = flag.Bool("update", false, "add the ids of new cases to testdata/ids.json")

// logCases are log records that differ in one thing each.
var logCases = map[string]func(plog.ResourceLogs, plog.LogRecord){
	"log: plain":                      func(plog.ResourceLogs, plog.LogRecord) {},
	"log: body of another text":       func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetStr("bob read article 17") },
	"log: body that is empty":         func(_ plog.ResourceLogs, r plog.LogRecord) { pcommon.NewValueEmpty().CopyTo(r.Body()) },
	"log: body of an empty text":      func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetStr("") },
	"log: body that is an integer":    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetInt(17) },
	"log: body that is a number":      func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetDouble(17) },
	"log: body that is true":          func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetBool(true) },
	"log: body that is false":         func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetBool(false) },
	"log: body of bytes":              func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetEmptyBytes().Append(1, 7) },
	"log: body that is a list":        func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetEmptySlice().AppendEmpty().SetInt(17) },
	"log: body that is an empty list": func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetEmptySlice() },
	"log: body that is a map":         func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetEmptyMap().PutInt("article", 17) },
	"log: body that is an empty map":  func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetEmptyMap() },
	"log: body with other letters":    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetStr("Ålice las Artikel 17 ✓") },
	"log: body that is not UTF-8":     func(_ plog.ResourceLogs, r plog.LogRecord) { r.Body().SetStr("a\xffb") },
	"log: event name":                 func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetEventName("audit") },
	"log: no event name":              func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetEventName("") },
	"log: a nanosecond later":         func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTimestamp(r.Timestamp() + 1) },
	"log: a second later":             func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTimestamp(r.Timestamp() + 1e9) },
	"log: the year 1970":              func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTimestamp(17e9) },
	"log: trace id":                   func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTraceID([16]byte{15: 1}) },
	"log: span id":                    func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetSpanID([8]byte{7: 1}) },
	"log: both ids":                   func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetTraceID([16]byte{15: 1}); r.SetSpanID([8]byte{7: 1}) },
	"log: another service": func(rl plog.ResourceLogs, _ plog.LogRecord) {
		rl.Resource().Attributes().PutStr("service.name", "shop")
	},
	"log: a service that is a number":    func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.Resource().Attributes().PutInt("service.name", 7) },
	"log: no service":                    func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.Resource().Attributes().Clear() },
	"log: scope":                         func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.ScopeLogs().At(0).Scope().SetName("audit") },
	"log: attribute more":                func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr("more", "") },
	"log: attribute less":                func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().Remove("n") },
	"log: attribute of another value":    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutInt("n", 2) },
	"log: attribute that is negative":    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutInt("n", -1) },
	"log: attribute that is a number":    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutDouble("n", 1) },
	"log: attribute that is minus zero":  func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutDouble("n", negativeZero) },
	"log: attribute that is a text":      func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr("n", "1") },
	"log: attribute that is nothing":     func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutEmpty("n") },
	"log: attribute that is a deep map":  func(_ plog.ResourceLogs, r plog.LogRecord) { deepMap(r.Attributes()) },
	"log: attribute that is a deep list": func(_ plog.ResourceLogs, r plog.LogRecord) { deepList(r.Attributes()) },
	"log: a text cut elsewhere":          func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr("ab", "c") },
	"log: a text cut here":               func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr("a", "bc") },
	"log: foreign id":                    func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr(activity.IDKey, "order 17") },
	"log: foreign id of another time":    func(_ plog.ResourceLogs, r plog.LogRecord) { foreignLater(r) },
	"log: id that is a number":           func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutInt(activity.IDKey, 17) },
	"log: id with space around it":       func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr(activity.IDKey, " "+carriedID+"\n") },
	"log: id in capitals":                func(_ plog.ResourceLogs, r plog.LogRecord) { r.Attributes().PutStr(activity.IDKey, capitalID) },
	"log: uid": func(_ plog.ResourceLogs, r plog.LogRecord) {
		r.Attributes().PutStr(activity.LogRecordUIDKey, carriedID)
	},
	"log: foreign uid": func(_ plog.ResourceLogs, r plog.LogRecord) {
		r.Attributes().PutStr(activity.LogRecordUIDKey, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
	},
}

const (
	carriedID = "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"
	capitalID = "019A8F6E-5C1B-7C3A-9F10-2B6F0C9D4E72"
)

var negativeZero = math.Copysign(0, -1)

func deepMap(m pcommon.Map) {
	inner := m.PutEmptyMap("n").PutEmptyMap("deeper")
	inner.PutStr("b", "2")
	inner.PutStr("a", "1")
}

func deepList(m pcommon.Map) {
	list := m.PutEmptySlice("n")
	list.AppendEmpty().SetEmptySlice().AppendEmpty().SetStr("a")
	list.AppendEmpty().SetEmptyMap().PutBool("b", true)
}

func foreignLater(r plog.LogRecord) {
	r.Attributes().PutStr(activity.IDKey, "order 17")
	r.SetTimestamp(r.Timestamp() + 1e9)
}

// spanCases are spans that differ in one thing each.
var spanCases = map[string]func(ptrace.ResourceSpans, ptrace.Span){
	"span: plain":                     func(ptrace.ResourceSpans, ptrace.Span) {},
	"span: another trace":             func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetTraceID([16]byte{15: 9}) },
	"span: another span":              func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetSpanID([8]byte{7: 9}) },
	"span: a microsecond later":       func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetStartTimestamp(s.StartTimestamp() + 1000) },
	"span: no start":                  func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetStartTimestamp(0) },
	"span: no trace id":               func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetTraceID([16]byte{}) },
	"span: no trace id, another name": func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetTraceID([16]byte{}); s.SetName("GET /x") },
	"span: no span id":                func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetSpanID([8]byte{}) },
	"span: neither id":                func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetTraceID([16]byte{}); s.SetSpanID([8]byte{}) },
	"span: neither id, attribute more": func(_ ptrace.ResourceSpans, s ptrace.Span) {
		s.SetTraceID([16]byte{})
		s.SetSpanID([8]byte{})
		s.Attributes().PutStr("more", "x")
	},
	"span: foreign id": func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Attributes().PutStr(activity.IDKey, "order 17") },
	"span: id":         func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Attributes().PutStr(activity.IDKey, carriedID) },
}

// caseIDs returns the id of each case.
func caseIDs(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, change := range logCases {
		ld := logs(1, nil)
		change(ld.ResourceLogs().At(0), ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0))
		all[name] = ids(ld)[0]
	}
	for name, change := range spanCases {
		td := plainSpan()
		span := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
		change(td.ResourceSpans().At(0), span)
		all[name] = spanID(t, td)
	}
	return all
}

func plainSpan() ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "blog")
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("PATCH /articles/{id}")
	span.SetTraceID([16]byte{15: 1})
	span.SetSpanID([8]byte{7: 1})
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(at))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(at) + 1e6)
	span.Attributes().PutStr(activity.ActionTypeKey, "Update")
	return td
}

func spanID(t *testing.T, td ptrace.Traces) string {
	t.Helper()
	identity.StampTraces(td)
	v, ok := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().Get(activity.IDKey)
	if !ok {
		t.Fatal("the span has no id")
	}
	return v.Str()
}

func TestIDsStay(t *testing.T) {
	file := filepath.Join("testdata", "ids.json")
	want := map[string]string{}
	if text, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
	}
	got := caseIDs(t)
	for name, id := range got {
		switch {
		case want[name] == "" && *update:
			want[name] = id
		case want[name] != id:
			t.Errorf("%s: got id %s, want %q", name, id, want[name])
		}
	}
	for name := range want {
		if got[name] == "" {
			t.Errorf("%s: there is no such case any more", name)
		}
	}
	if *update {
		text, err := json.MarshalIndent(want, "", "  ")
		if err == nil {
			err = os.WriteFile(file, append(text, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// alike are the cases that are one activity, by intention.
var alike = [][]string{
	{"log: id with space around it", "log: uid", "span: id"},
	{"log: foreign id", "span: foreign id"},
}

func TestDifferentActivitiesHaveDifferentIDs(t *testing.T) {
	byID := map[string]string{}
	for name, id := range caseIDs(t) {
		for _, names := range alike {
			for _, other := range names[1:] {
				if name == other {
					name = names[0]
				}
			}
		}
		if before, ok := byID[id]; ok && before != name {
			t.Errorf("%q and %q have the same id %s", before, name, id)
		}
		byID[id] = name
	}
}

// What a collector, a proxy or a retry may change on the way is not part of the id.
func TestWhatIsNotPartOfAnID(t *testing.T) {
	plain := ids(logs(1, nil))[0]
	for name, change := range map[string]func(plog.ResourceLogs, plog.LogRecord){
		"severity":           func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetSeverityNumber(plog.SeverityNumberWarn) },
		"severity text":      func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetSeverityText("WARN") },
		"observed time":      func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetObservedTimestamp(r.Timestamp() + 5e9) },
		"flags":              func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetFlags(1) },
		"dropped attributes": func(_ plog.ResourceLogs, r plog.LogRecord) { r.SetDroppedAttributesCount(3) },
		"resource attribute": func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.Resource().Attributes().PutStr("host.name", "a") },
		"schema URL":         func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.SetSchemaUrl("https://x.test/1") },
		"scope version":      func(rl plog.ResourceLogs, _ plog.LogRecord) { rl.ScopeLogs().At(0).Scope().SetVersion("2") },
		"scope attribute": func(rl plog.ResourceLogs, _ plog.LogRecord) {
			rl.ScopeLogs().At(0).Scope().Attributes().PutStr("a", "b")
		},
	} {
		ld := logs(1, nil)
		change(ld.ResourceLogs().At(0), ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0))
		if id := ids(ld)[0]; id != plain {
			t.Errorf("%s: got id %s, want %s", name, id, plain)
		}
	}
	want := spanID(t, plainSpan())
	for name, change := range map[string]func(ptrace.ResourceSpans, ptrace.Span){
		"name":       func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetName("other") },
		"attribute":  func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Attributes().PutStr("a", "b") },
		"end":        func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetEndTimestamp(s.EndTimestamp() + 1e9) },
		"status":     func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Status().SetCode(ptrace.StatusCodeError) },
		"parent":     func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetParentSpanID([8]byte{1}) },
		"kind":       func(_ ptrace.ResourceSpans, s ptrace.Span) { s.SetKind(ptrace.SpanKindServer) },
		"event":      func(_ ptrace.ResourceSpans, s ptrace.Span) { s.Events().AppendEmpty().SetName("x") },
		"service":    func(rs ptrace.ResourceSpans, _ ptrace.Span) { rs.Resource().Attributes().PutStr("service.name", "x") },
		"tracestate": func(_ ptrace.ResourceSpans, s ptrace.Span) { s.TraceState().FromRaw("a=b") },
	} {
		td := plainSpan()
		change(td.ResourceSpans().At(0), td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0))
		if id := spanID(t, td); id != want {
			t.Errorf("span, %s: got id %s, want %s", name, id, want)
		}
	}
}

// A batch may be split and its records sent in another grouping. Only records that
// are alike are told apart by their order.
func TestIDsDoNotDependOnTheBatch(t *testing.T) {
	number := func(i int, r plog.LogRecord) { r.Attributes().PutInt("n", int64(i)) }
	together := ids(logs(20, number))
	for i, want := range together {
		alone := logs(1, func(_ int, r plog.LogRecord) { number(i, r) })
		if id := ids(alone)[0]; id != want {
			t.Errorf("record %d: got id %s alone, and %s in a batch", i, id, want)
		}
	}
	twins := ids(logs(5, nil))
	seen := map[string]bool{}
	for _, id := range twins {
		if seen[id] {
			t.Errorf("two of five records that are alike have the id %s", id)
		}
		seen[id] = true
	}
	for i, id := range ids(logs(5, nil)) {
		if id != twins[i] {
			t.Errorf("record %d of five that are alike: got id %s, and %s when it was sent again", i, twins[i], id)
		}
	}
}
