package join

import (
	"fmt"
	"runtime"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// requests returns a batch of 100 traces with 10 spans each, as an instrumented
// service gives them: children first. named are the spans of each that have a user,
// from the server span down.
func requests(named int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "blog")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for trace := range 100 {
		for i := 9; i >= 0; i-- {
			span := spans.AppendEmpty()
			span.SetTraceID(pcommon.TraceID{1, byte(trace)})
			span.SetSpanID(pcommon.SpanID{byte(i + 1)})
			span.SetKind(internal)
			if i > 0 {
				span.SetParentSpanID(pcommon.SpanID{byte((i-1)/2 + 1)})
			} else {
				span.SetKind(server)
			}
			for k := range 10 {
				span.Attributes().PutStr(fmt.Sprintf("some.attribute.%d", k), "value")
			}
			if i < named {
				span.Attributes().PutStr("user.id", fmt.Sprint(trace))
				span.Attributes().PutStr("user.name", "alice")
			}
		}
	}
	return td
}

// BenchmarkTraces is for one batch of 1,000 spans; ns/span is without the copying of
// the batch that the benchmark needs itself.
func BenchmarkTraces(b *testing.B) {
	for _, test := range []struct {
		name   string
		named  int
		window bool
	}{
		{"none/batch", 0, false}, {"none/window", 0, true}, {"all/batch", 10, false}, {"all/window", 10, true},
		{"server/batch", 1, false}, {"server/window", 1, true},
	} {
		b.Run(test.name, func(b *testing.B) {
			cfg := DefaultConfig()
			if !test.window {
				cfg.Window = 0
			}
			j, td := New(cfg), requests(test.named)
			fresh := ptrace.NewTraces()
			td.CopyTo(fresh)
			j.Traces(fresh)
			b.ReportAllocs()
			for b.Loop() {
				if test.named == 1 {
					b.StopTimer()
					fresh = ptrace.NewTraces()
					td.CopyTo(fresh)
					b.StartTimer()
				}
				j.Traces(fresh)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/span")
		})
	}
}

// BenchmarkMemory is what 100,000 remembered spans take, of 10,000 users and of one
// user each.
func BenchmarkMemory(b *testing.B) {
	for _, users := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				j := New(DefaultConfig())
				for i := range 99 {
					j.Traces(many(i*1000, users))
				}
				b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
				b.ReportMetric(float64(j.Remembered()), "spans")
				runtime.KeepAlive(j)
			}
		})
	}
}

func many(from, users int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := from; i < from+1000; i++ {
		span := spans.AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1, byte(i), byte(i >> 8), byte(i >> 16)})
		span.SetSpanID(pcommon.SpanID{1})
		span.Attributes().PutStr("user.id", fmt.Sprintf("user-%07d", i%users))
		span.Attributes().PutStr("user.name", fmt.Sprintf("Alice Example %d", i%users))
	}
	return td
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkRequests is for one batch of 1,000 spans, nine of ten within a request: none
// names a user, the first one of each request does, or of one request in ten. pending
// means that other requests are still to come.
func BenchmarkRequests(b *testing.B) {
	for _, test := range []struct {
		name    string
		every   int // requests, 0: none
		pending bool
	}{{"none", 0, false}, {"none/pending", 0, true}, {"all", 1, false}, {"tenth", 10, false}} {
		b.Run(test.name, func(b *testing.B) {
			j, td := New(DefaultConfig()), requests(0)
			if test.pending {
				j.Requests(traces(b, spec{id: "x", parent: "y", trace: 255, attrs: alice}))
			}
			spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
			for b.Loop() {
				if test.every > 0 {
					b.StopTimer()
					for i := 0; i < spans.Len(); i += 10 * test.every {
						spans.At(i).Attributes().PutStr("user.id", "42")
						spans.At(i + 9).Attributes().Remove("user.id")
					}
					b.StartTimer()
				}
				j.Requests(td)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(spans.Len()), "ns/span")
		})
	}
}
