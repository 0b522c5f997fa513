package activityprocessor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor/processorhelper"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/preset"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/rule"
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

// benchmarkRecords measures what process costs for each record of a request that
// has just been made, as a receiver does it. Making it is not measured, and what
// garbage that leaves is collected while the clock stands. No collection falls into
// what is measured: what process allocates is reported as such, and what that costs
// is part of the comparisons in bench/.
func benchmarkRecords[T any](b *testing.B, fresh func() T, process func(T) error) {
	b.Helper()
	b.ReportAllocs()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	n := 0
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		request := fresh()
		b.StartTimer()
		if err := process(request); err != nil {
			b.Fatal(err)
		}
		n += batch
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
}

func benchmarkTraces(b *testing.B, cfg *Config, a attrs) {
	b.Helper()
	p, td := newProcessor(b, cfg), spansOf(b, a)
	benchmarkRecords(b, func() ptrace.Traces {
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
		return fresh
	}, func(td ptrace.Traces) error {
		_, err := p.processTraces(b.Context(), td)
		return err
	})
}

// BenchmarkPreset measures plain HTTP spans made activities by the preset
// http_server alone, and BenchmarkDefault what the default configuration does with
// them: it also looks for secrets.
func BenchmarkPreset(b *testing.B)  { benchmarkTraces(b, bare(), derivable()) }
func BenchmarkDefault(b *testing.B) { benchmarkTraces(b, defaults(), derivable()) }

// bare is the default configuration without privacy.
func bare() *Config {
	cfg := defaults()
	cfg.Privacy.Enabled = false
	return cfg
}

// BenchmarkPolicy measures the same with 50 rules of which the last one matches.
func BenchmarkPolicy(b *testing.B) {
	cfg := bare()
	cfg.Rules = nil
	for i := range 49 {
		r := rule.Config{Name: fmt.Sprint("rule ", i), Level: rule.LevelMetadata}
		switch i % 5 {
		case 0:
			r.Routes = []string{fmt.Sprintf("/api/v%d/*", i)}
		case 1:
			r.Users = []string{fmt.Sprint("user", i), "admin"}
		case 2:
			r.Objects, r.Actions = []string{"invoice", "payment/*"}, []string{"Delete"}
		case 3:
			r.Services = []string{"billing", "shop-*"}
		case 4:
			r.Match = rule.Conditions{rule.Condition(fmt.Sprintf(`attributes["http.response.status_code"] == %d`, 500+i))}
		}
		cfg.Rules = append(cfg.Rules, r)
	}
	cfg.Rules = append(cfg.Rules, rule.Config{Preset: preset.HTTPServer})
	benchmarkTraces(b, cfg, derivable())
}

// BenchmarkOthers measures spans that no rule is about.
func BenchmarkOthers(b *testing.B) {
	a := derivable()
	delete(a, "http.request.method")
	cfg := defaults()
	cfg.DropOthers = false
	benchmarkTraces(b, cfg, a)
}

// declaredRecords returns a request of records as a service of the Go SDK sends them: each
// has ids of its own, and the fields, the sentence and the change that an update has.
func declaredRecords(b *testing.B) []byte {
	b.Helper()
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range batch {
		id, object := activity.NewID(), strconv.Itoa(1000+i)
		record := records.AppendEmpty()
		record.SetTimestamp(pcommon.NewTimestampFromTime(id.Time()))
		record.SetEventName(activity.EventName)
		record.Body().SetStr("alice@example.com updated /api/articles/" + object)
		record.SetTraceID(pcommon.TraceID(id))
		record.SetSpanID(pcommon.SpanID(id[8:]))
		a := record.Attributes()
		for _, pair := range [][2]string{
			{activity.IDKey, id.String()}, {activity.ActorIDKey, "42"}, {activity.ActorTypeKey, "user"},
			{activity.ActorNameKey, "alice@example.com"}, {activity.TenantIDKey, "acme"}, {activity.ActionTypeKey, "Update"},
			{activity.ActionNameKey, "PATCH /api/articles/{id}"}, {activity.StatusKey, "Success"},
			{activity.ObjectTypeKey, "article"}, {activity.ObjectIDKey, object}, {activity.ClientAddressKey, "192.0.2.7"},
			{activity.UserAgentKey, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
			{activity.SourceKey, "declared"},
		} {
			a.PutStr(pair[0], pair[1])
		}
		title := a.PutEmptyMap(activity.DataKey).PutEmptyMap("changes").PutEmptySlice("title")
		title.AppendEmpty().SetStr("An old title")
		title.AppendEmpty().SetStr("A new title")
	}
	var m plog.ProtoMarshaler
	request, err := m.MarshalLogs(ld)
	if err != nil {
		b.Fatal(err)
	}
	return request
}

// BenchmarkInner measures spans within requests, which may name the user of their request,
// and do not.
func BenchmarkInner(b *testing.B) {
	a := attrs{
		"express.name": "/api/articles/:id", "express.type": "request_handler", "http.route": "/api/articles/:id", "code.function.name": "update",
		"code.file.path": "/app/articles.js", "code.line.number": 17, "thread.id": 1, "thread.name": "main",
	}
	p, td := newProcessor(b, defaults()), spansOf(b, a)
	for _, span := range td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		span.SetKind(ptrace.SpanKindInternal)
		span.SetParentSpanID([8]byte{255})
	}
	benchmarkRecords(b, func() ptrace.Traces {
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
		return fresh
	}, func(td ptrace.Traces) error {
		if _, err := p.processTraces(b.Context(), td); !errors.Is(err, processorhelper.ErrSkipProcessingData) {
			return err
		}
		return nil
	})
}

// BenchmarkMayBeInner measures requests that may be inner spans of others, each of a trace
// of its own: SDKs before flags do not say where a parent is. BenchmarkRemembered measures
// other requests while the memory of such spans is full.
func BenchmarkMayBeInner(b *testing.B) {
	round := 0
	benchmarkMemory(b, func() int { round++; return round }, false)
}
func BenchmarkRemembered(b *testing.B) { benchmarkMemory(b, func() int { return 0 }, true) }

func benchmarkMemory(b *testing.B, round func() int, flags bool) {
	b.Helper()
	factory := NewFactory()
	p, err := factory.CreateTraces(b.Context(), processortest.NewNopSettings(factory.Type()), defaults(), consumertest.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(b.Context(), componenttest.NewNopHost()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	td := spansOf(b, derivable())
	fresh := func(round int, flags bool) ptrace.Traces {
		fresh := ptrace.NewTraces()
		td.CopyTo(fresh)
		for i, span := range fresh.ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			trace := span.TraceID()
			binary.BigEndian.PutUint64(trace[:], uint64(round*batch+i))
			span.SetTraceID(trace)
			span.SetParentSpanID([8]byte{255})
			if flags {
				span.SetFlags(remoteParent)
			}
		}
		return fresh
	}
	for i := range 100 {
		if err := p.ConsumeTraces(b.Context(), fresh(-1-i, false)); err != nil {
			b.Fatal(err)
		}
	}
	benchmarkRecords(b, func() ptrace.Traces { return fresh(round(), flags) }, func(td ptrace.Traces) error { return p.ConsumeTraces(b.Context(), td) })
}

// BenchmarkIdentity measures plain HTTP spans whose user is in a header.
func BenchmarkIdentity(b *testing.B) {
	a := derivable()
	delete(a, "user.id")
	delete(a, "user.name")
	a["http.request.header.authorization"] = []any{"Basic YWxpY2U6d29uZGVy"}
	benchmarkTraces(b, configOf(b, `identity: [{header: {name: authorization, as: basic}}]`), a)
}

// BenchmarkDeclared measures log records of a service, with the note that each of them
// leaves for its span. BenchmarkDeclaredBare does not look for secrets.
func BenchmarkDeclared(b *testing.B)     { benchmarkLogs(b, defaults()) }
func BenchmarkDeclaredBare(b *testing.B) { benchmarkLogs(b, bare()) }

func benchmarkLogs(b *testing.B, cfg *Config) {
	b.Helper()
	request := declaredRecords(b)
	factory := NewFactory()
	p, err := factory.CreateLogs(b.Context(), processortest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(b.Context(), componenttest.NewNopHost()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	round := 0
	benchmarkRecords(b, func() plog.Logs {
		var u plog.ProtoUnmarshaler
		fresh, err := u.UnmarshalLogs(request)
		if err != nil {
			b.Fatal(err)
		}
		round++
		for i, record := range fresh.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			trace := record.TraceID()
			binary.BigEndian.PutUint64(trace[:], uint64(round*batch+i))
			record.SetTraceID(trace)
		}
		return fresh
	}, func(ld plog.Logs) error { return p.ConsumeLogs(b.Context(), ld) })
}
