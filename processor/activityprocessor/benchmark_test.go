package activityprocessor

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// derivable returns what otelhttp and an authenticating service put on a span.
func derivable() attrs {
	return attrs{
		"http.request.method": "PUT", "http.route": "/api/articles/{id}", "url.path": "/api/articles/17",
		"url.scheme": "https", "server.address": "blog.example.com", "server.port": 443,
		"network.peer.address": "10.0.0.1", "network.peer.port": 50123, "network.protocol.version": "1.1",
		"client.address": "192.0.2.7", "user_agent.original": "Mozilla/5.0", "http.response.status_code": 200,
		"http.request.body.size": 120, "http.response.body.size": 15, "user.id": "42", "user.name": "alice",
	}
}

// batch is how many records a request of the benchmarks has.
const batch = 1000

// spansOf returns a request of many spans with the attributes a.
func spansOf(b *testing.B, a attrs) ptrace.Traces {
	b.Helper()
	td, first := newSpan(b, a)
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spans.EnsureCapacity(batch)
	for i := 1; i < batch; i++ {
		first.CopyTo(spans.AppendEmpty())
		spans.At(i).SetSpanID([8]byte{byte(i >> 8), byte(i), 1})
	}
	return td
}

// benchmarkTraces measures what process costs for each span of td, without the
// copy of td that is made for each time.
func benchmarkTraces(b *testing.B, td ptrace.Traces, process func(ptrace.Traces) error) {
	b.Helper()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		b.StopTimer()
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
		b.StartTimer()
		require.NoError(b, process(fresh))
		n += batch
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
}

// BenchmarkPreset measures plain HTTP spans made activities by the default
// configuration.
func BenchmarkPreset(b *testing.B) {
	p := newProcessor(b, defaults())
	benchmarkTraces(b, spansOf(b, derivable()), func(td ptrace.Traces) error {
		_, err := p.processTraces(b.Context(), td)
		return err
	})
}

// BenchmarkDeclared measures log records of a service.
func BenchmarkDeclared(b *testing.B) {
	ld, first := newRecord(b, attrs{
		activity.IDKey: activity.NewID().String(), activity.ActorIDKey: "42", activity.ActorTypeKey: "user",
		activity.ActorNameKey: "alice", activity.ActionTypeKey: "Update", activity.ActionNameKey: "article.publish",
		activity.StatusKey: "Success", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17",
		activity.ClientAddressKey: "192.0.2.7", activity.UserAgentKey: "Mozilla/5.0", activity.SourceKey: "declared",
	})
	records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	for range batch - 1 {
		first.CopyTo(records.AppendEmpty())
	}
	p := newProcessor(b, defaults())
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		b.StopTimer()
		fresh := plog.NewLogs()
		ld.CopyTo(fresh)
		b.StartTimer()
		_, err := p.processLogs(b.Context(), fresh)
		require.NoError(b, err)
		n += batch
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
}
