package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/bench/internal/proc"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const (
	pipelineRounds   = 5
	pipelineRequests = 200 // in a round, to each collector
)

// BenchmarkPipeline measures how many records a second the real Collector takes
// from OTLP/gRPC to the debug exporter, which counts them: with the processor on
// against off, the median of rounds in which both take turns. All records are
// activities, so that the exporter gets as many in both. of-off is the records a
// second, and of-off-cpu what a record costs the Collector off by what it costs it
// on: the sender, which shares the machine, does not count there. Those that are
// bare do not look for secrets.
func BenchmarkPipeline(b *testing.B) {
	request, err := load.NewSpanRequest(requestRows)
	if err != nil {
		b.Fatal(err)
	}
	spans := repeat(request, pipelineRequests)
	declared, err := load.NewRequests(0, pipelineRequests*requestRows, requestRows)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("spans", func(b *testing.B) { benchmarkPipeline(b, spans, "spans") })
	b.Run("spans,_bare", func(b *testing.B) { benchmarkPipeline(b, spans, "spans", bare) })
	b.Run("declared", func(b *testing.B) { benchmarkPipeline(b, declared, "log_records") })
	b.Run("declared,_bare", func(b *testing.B) { benchmarkPipeline(b, declared, "log_records", bare) })
}

// bare turns privacy off.
const bare = "--config=yaml:processors::activity::privacy::enabled: false"

func benchmarkPipeline(b *testing.B, requests []load.Request, signal string, args ...string) {
	on, off := startPipeline(b, true, args...), startPipeline(b, false)
	for _, p := range []*pipeline{on, off} {
		p.send(b, requests[:min(20, len(requests))]) // connections and caches
		p.rounds = nil
	}
	var rates, costs []float64
	for b.Loop() {
		for range pipelineRounds {
			with, without := on.send(b, requests), off.send(b, requests)
			rates = append(rates, with.rate()/without.rate())
			costs = append(costs, without.program.Seconds()/with.program.Seconds())
		}
	}
	if got, want := on.exported(b, signal), off.exported(b, signal); got != want || got == 0 {
		b.Fatalf("the exporter got %d %s with the processor, and %d without", got, signal, want)
	}
	b.ReportMetric(median(rates), "of-off")
	b.ReportMetric(median(costs), "of-off-cpu")
	b.ReportMetric(on.median(measure.perRecord), "ns/record-on")
	b.ReportMetric(off.median(measure.perRecord), "ns/record-off")
	b.ReportMetric(on.median(func(m measure) float64 { return m.rate() }), "records/s-on")
	b.ReportMetric(0, "ns/op")
}

// TestPipeline sends a little through both.
func TestPipeline(t *testing.T) {
	spans, err := load.NewSpanRequest(10)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := load.NewRequest(0, 10, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range []bool{true, false} {
		p := startPipeline(t, on)
		p.send(t, []load.Request{spans})
		p.send(t, []load.Request{logs}) // of the same spans: no span would become an activity after them
		if n := p.exported(t, "spans"); n != 10 {
			t.Errorf("processor %v: %d spans were exported, want 10", on, n)
		}
		if n := p.exported(t, "log_records"); n != 10 {
			t.Errorf("processor %v: %d log records were exported, want 10", on, n)
		}
		if n := p.processed(t); (n > 0) != on {
			t.Errorf("processor %v: it made %d activities", on, n)
		}
	}
}

// pipeline is a Collector with the processor or without.
type pipeline struct {
	*collectortest.Collector
	rounds []measure
}

func startPipeline(tb testing.TB, on bool, args ...string) *pipeline {
	tb.Helper()
	cfg := collectortest.Config{ConfigFile: "testdata/pipeline.yaml", Args: args}
	if !on {
		cfg.Args = []string{
			"--config=yaml:service::pipelines::traces::processors: []",
			"--config=yaml:service::pipelines::logs::processors: []",
		}
	}
	return &pipeline{Collector: collectortest.Start(tb, cfg)}
}

// send sends requests and returns what that took.
func (p *pipeline) send(tb testing.TB, requests []load.Request) measure {
	tb.Helper()
	rest()
	before, err := proc.CPU(p.PID())
	if err != nil {
		tb.Fatal(err)
	}
	start := time.Now()
	if err := load.SendAll(tb.Context(), p.GRPC, senders, requests); err != nil {
		tb.Fatal(err)
	}
	m := measure{took: time.Since(start)}
	for _, r := range requests {
		m.rows += r.Count
	}
	after, err := proc.CPU(p.PID())
	if err != nil {
		tb.Fatal(err)
	}
	m.program = after - before
	p.rounds = append(p.rounds, m)
	return m
}

func (p *pipeline) median(of func(measure) float64) float64 {
	var list []float64
	for _, m := range p.rounds {
		list = append(list, of(m))
	}
	return median(list)
}

// perRecord is the processor time that the Collector took for each, in ns.
func (m measure) perRecord() float64 { return float64(m.program.Nanoseconds()) / float64(m.rows) }

// exported returns how many records the exporter got.
func (p *pipeline) exported(tb testing.TB, signal string) int {
	tb.Helper()
	return p.sum(tb, "otelcol_exporter_sent_"+signal)
}

// processed returns how many activities left our processor.
func (p *pipeline) processed(tb testing.TB) int {
	tb.Helper()
	return p.sum(tb, "otelcol_processor_activity_activities")
}

// sum adds up a counter of the Collector, whatever its labels.
func (p *pipeline) sum(tb testing.TB, counter string) (total int) {
	tb.Helper()
	text, err := p.ReadMetrics(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, counter) {
			continue
		}
		var n float64
		if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &n); err != nil {
			tb.Fatalf("read the Collector's metrics: %q: %v", line, err)
		}
		total += int(n)
	}
	return total
}

// repeat returns a request many times.
func repeat(request load.Request, times int) []load.Request {
	list := make([]load.Request, times)
	for i := range list {
		list[i] = request
	}
	return list
}
