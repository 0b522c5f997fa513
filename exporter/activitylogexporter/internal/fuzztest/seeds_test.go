package fuzztest

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

type attrs = map[string]any

// seeds are attributes from which the fuzzer goes on: what each preset reads, and
// what is wrong with it.
var seeds = []attrs{
	{"http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "user.id": "42", "http.response.status_code": 404},
	{"http.method": "GET", "http.target": "/a/%zz;b?c", "http.route": "^a/(?P<x>[^/", "enduser.id": []any{1, attrs{"a": nil}}},
	{"http.route": "/login", "http.request.method": "POST", "a": "1", "user.name": "\xff\x00", "http.response.status_code": 401},
	{"rpc.system": "grpc", "rpc.method": "/a.B/BatchGetAB_c", "rpc.grpc.status_code": 16, "rpc.service": "a.bService"},
	{"graphql.operation.type": "mutation", "graphql.operation.name": "deleteÄrticle"},
	{"db.system": "x", "db.statement": "/* a */ INSERT INTO \"a\".\"b\"\"c\" VALUES ('x')"},
	{"db.system.name": "x", "db.operation.name": "update", "db.collection.name": "a.b.c", "db.query.text": "UPDATE [a"},
	{activity.ActionTypeKey: "Read", activity.StatusKey: 1, activity.IDKey: []byte{0xff}, activity.DataKey: attrs{"a": attrs{"b": []any{1.5, nil, true}}}},
	{activity.ActionTypeKey: attrs{"a": 1}, activity.ClientAddressKey: "[::1]:x", activity.DataKey: `{"a": 1e999}`, activity.ActorIDKey: "bob"},
	{"a": "x", "b": `{"a": [1, {"b": "\u0000"}]}`, activity.ObjectTypeKey: "article", "user.id": "1"},
	{"password": "p", "authorization": "Bearer abc", "note": "card 4111 1111 1111 1111, a@example.com", "user.id": "1", "http.request.method": "GET"},
}

func seedSpans() (wires [][]byte) {
	for i, in := range seeds {
		td := ptrace.NewTraces()
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
		for kind := range 6 {
			span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			span.SetKind(ptrace.SpanKind(kind))
			span.SetName("PUT /articles/{id}")
			span.SetTraceID(pcommon.TraceID{byte(i + 1)})
			span.SetSpanID(pcommon.SpanID{byte(kind + 1)})
			span.SetStartTimestamp(1_700_000_000_123_456_789)
			span.Status().SetCode(ptrace.StatusCode(kind % 3))
			span.Events().AppendEmpty().SetName("exception")
			_ = span.Attributes().FromRaw(in)
		}
		wire, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		wires = append(wires, wire)
	}
	return wires
}

func seedRecords() (wires [][]byte) {
	for _, in := range seeds {
		ld := plog.NewLogs()
		rl := ld.ResourceLogs().AppendEmpty()
		for _, body := range []any{nil, "alice did it", attrs{"a": []any{1, "x"}}} {
			record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
			record.SetTimestamp(1_700_000_000_123_456_789)
			record.SetEventName(activity.EventName)
			_ = record.Body().FromRaw(body)
			_ = record.Attributes().FromRaw(in)
		}
		wire, _ := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		wires = append(wires, wire)
	}
	return wires
}
