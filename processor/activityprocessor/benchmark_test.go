package activityprocessor

import (
	"testing"

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

// BenchmarkDerive measures one plain HTTP span made an activity, with its copy.
func BenchmarkDerive(b *testing.B) {
	td, _ := newSpan(b, derivable())
	p := newActivityProcessor(defaults())
	b.ReportAllocs()
	for b.Loop() {
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
		if _, err := p.processTraces(b.Context(), fresh); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDeclared measures one log record of a service, with its copy.
func BenchmarkDeclared(b *testing.B) {
	ld, _ := newRecord(b, attrs{
		activity.IDKey: activity.NewID().String(), activity.ActorIDKey: "42", activity.ActorTypeKey: "user",
		activity.ActorNameKey: "alice", activity.ActionTypeKey: "Update", activity.ActionNameKey: "article.publish",
		activity.StatusKey: "Success", activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17",
		activity.ClientAddressKey: "192.0.2.7", activity.UserAgentKey: "Mozilla/5.0", activity.SourceKey: "declared",
	})
	p := newActivityProcessor(defaults())
	b.ReportAllocs()
	for b.Loop() {
		fresh := plog.NewLogs()
		ld.CopyTo(fresh)
		if _, err := p.processLogs(b.Context(), fresh); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCopy is the part of BenchmarkDerive that is the benchmark's own.
func BenchmarkCopy(b *testing.B) {
	td, _ := newSpan(b, derivable())
	b.ReportAllocs()
	for b.Loop() {
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
	}
}
