package fuzztest

import (
	"math"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// builder makes telemetry of bytes, of keys and values that the processor looks
// for: bytes that are OTLP by chance seldom have them.
type builder struct{ rest []byte }

func (b *builder) byte() byte {
	if len(b.rest) == 0 {
		return 0
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c
}

func (b *builder) text() string {
	n := min(int(b.byte()%32), len(b.rest))
	s := string(b.rest[:n])
	b.rest = b.rest[n:]
	return s
}

var keys = []string{
	"activity.id", "activity.action.type", "activity.action.name", "activity.status", "activity.actor.id", "activity.actor.type",
	"activity.actor.name", "activity.object.type", "activity.object.id", "activity.remarks", "activity.data", "activity.source",
	"activity.skipped", "http.request.method", "http.method", "http.route", "url.path", "http.target", "url.full", "url.template",
	"http.response.status_code", "user.id", "enduser.id", "user.name", "client.address", "network.peer.address", "rpc.method",
	"rpc.service", "rpc.grpc.status_code", "graphql.operation.type", "graphql.operation.name", "db.system", "db.statement",
	"db.operation.name", "db.collection.name", "error.type", "session.id", "log.record.uid", "password", "a", "b",
}

var texts = []string{
	"GET", "PUT", "POST", "Read", "Login", "Login Failed", "Success", "failed", "/login", "/articles/{id}", "/articles/17", "42",
	"bob", "mutation", "INSERT INTO articles VALUES (1)", "UPDATE \"a\".b SET", "true", "derived", "192.0.2.7:80", "[::1]", "UpdateArticle",
	"019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71", "{\"a\": 1}", "4111111111111111", "a@example.com", "Bearer abcdefghijklmnop", "\x00\xff",
}

func (b *builder) value(v pcommon.Value, depth int) {
	switch c := b.byte(); {
	case c < 128:
		v.SetStr(texts[int(c)%len(texts)])
	case c < 160:
		v.SetStr(b.text())
	case c < 180:
		v.SetInt(int64(b.byte())<<(b.byte()%64) - 1)
	case c < 190:
		v.SetDouble([]float64{math.NaN(), math.Inf(1), -0.5, 1e300, 401}[int(b.byte())%5])
	case c < 200:
		v.SetBool(c%2 == 0)
	case c < 210:
		v.SetEmptyBytes().FromRaw([]byte(b.text()))
	case c < 230 && depth > 0:
		list := v.SetEmptySlice()
		for range b.byte() % 4 {
			b.value(list.AppendEmpty(), depth-1)
		}
	case c < 250 && depth > 0:
		b.attributes(v.SetEmptyMap(), depth-1)
	}
}

func (b *builder) attributes(m pcommon.Map, depth int) {
	for range b.byte() % 12 {
		b.value(m.PutEmpty(keys[int(b.byte())%len(keys)]), depth)
	}
}

// FuzzBuilt gives the processor spans and log records with the attributes that
// it looks for.
func FuzzBuilt(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Add([]byte{2, 11, 13, 2, 15, 9, 16, 10, 21, 11, 20, 170, 201, 1, 7, 1, 2, 3})
	w, m := newWay(f), newMemory()
	f.Fuzz(func(t *testing.T, payload []byte) {
		b := builder{payload}
		td, ld := ptrace.NewTraces(), plog.NewLogs()
		for len(b.rest) > 0 {
			b.span(td.ResourceSpans().AppendEmpty())
			b.record(ld.ResourceLogs().AppendEmpty())
		}
		defer w.spans.Reset()
		defer w.records.Reset()
		check(t, w.traces.ConsumeTraces(t.Context(), td))
		check(t, w.logs.ConsumeLogs(t.Context(), ld))
		for _, out := range w.spans.AllTraces() {
			rows := w.rows.Traces(out)
			checkRows(t, rows.Rows, out.SpanCount(), 100*len(payload))
			w.rows.Release(rows)
		}
		for _, out := range w.records.AllLogs() {
			rows := w.rows.Logs(out)
			checkRows(t, rows.Rows, out.LogRecordCount(), 100*len(payload))
			w.rows.Release(rows)
		}
		m.check(t)
	})
}

func (b *builder) span(rs ptrace.ResourceSpans) {
	b.attributes(rs.Resource().Attributes(), 1)
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetKind(ptrace.SpanKind(b.byte() % 7))
	span.SetName(texts[int(b.byte())%len(texts)])
	span.SetTraceID(pcommon.TraceID{b.byte()})
	span.SetSpanID(pcommon.SpanID{b.byte()})
	span.Status().SetCode(ptrace.StatusCode(b.byte() % 4))
	span.SetStartTimestamp(pcommon.Timestamp(uint64(b.byte()) << (b.byte() % 64)))
	b.attributes(span.Attributes(), 3)
	if b.byte()%4 == 0 {
		event := span.Events().AppendEmpty()
		event.SetName("exception")
		b.attributes(event.Attributes(), 1)
	}
}

func (b *builder) record(rl plog.ResourceLogs) {
	b.attributes(rl.Resource().Attributes(), 1)
	record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.SetTraceID(pcommon.TraceID{b.byte()})
	record.SetSpanID(pcommon.SpanID{b.byte()})
	record.SetTimestamp(pcommon.Timestamp(uint64(b.byte()) << (b.byte() % 64)))
	b.value(record.Body(), 2)
	b.attributes(record.Attributes(), 3)
}
