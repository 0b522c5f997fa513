package bench

import (
	"os"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// What is compared: our processor, and the processor transform that makes the
// same attributes of the same spans.
var comparisons = []struct {
	unit      string
	ours, key string // a configuration, and where in it ours is
	transform string
	spans     func(int) ptrace.Traces
}{
	{"of-transform", "../collector-config.yaml", "processors::activity", "testdata/transform.yaml", load.PlainSpans},
	{"rules-of-transform", "../examples/node/collector.yaml", "processors::activity", "testdata/transform-node.yaml", load.NodeSpans},
}

// BenchmarkTransform measures what plain spans cost that become activities, for
// each span, by our processor and by the Collector's own processor transform.
// The preset http_server is of-transform, and the rules of the Node example, which
// are OTTL for both, are rules-of-transform: the median of rounds in which both
// take turns. TestTransform shows that both make the same.
func BenchmarkTransform(b *testing.B) {
	for _, c := range comparisons {
		ours := newProcessor(b, activityprocessor.NewFactory(), withoutPrivacy(b, readConfig(b, c.ours, c.key)), consumertest.NewNop())
		theirs := newProcessor(b, transformprocessor.NewFactory(), readConfig(b, c.transform, ""), consumertest.NewNop())
		td := c.spans(requestRows)
		b.Run(c.unit, func(b *testing.B) {
			var us, them, ratios []float64
			for b.Loop() {
				for range processorRounds {
					us, them = append(us, cost(b, ours, td)), append(them, cost(b, theirs, td))
					ratios = append(ratios, us[len(us)-1]/them[len(them)-1])
				}
			}
			b.ReportMetric(median(ratios), c.unit)
			b.ReportMetric(median(us), "ns/record")
			b.ReportMetric(median(them), "ns/transform")
			b.ReportMetric(0, "ns/op")
		})
	}
}

const (
	processorRounds   = 30
	processorRequests = 4 // in a round, by each way
)

// cost returns the nanoseconds that p takes for each span of td. The copies that
// it gets are made before, and the garbage of that is collected; the collections
// that p makes necessary count.
func cost(b *testing.B, p processor.Traces, td ptrace.Traces) float64 {
	copies := make([]ptrace.Traces, processorRequests)
	for i := range copies {
		copies[i] = ptrace.NewTraces()
		td.CopyTo(copies[i])
	}
	runtime.GC()
	start := time.Now()
	for _, fresh := range copies {
		if err := p.ConsumeTraces(b.Context(), fresh); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(start).Nanoseconds()) / float64(len(copies)*td.SpanCount())
}

func median(list []float64) float64 {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}

// TestTransform checks that what BenchmarkTransform compares does the same.
func TestTransform(t *testing.T) {
	for _, c := range comparisons {
		var ours, theirs consumertest.TracesSink
		for _, way := range []struct {
			factory processor.Factory
			config  *confmap.Conf
			sink    *consumertest.TracesSink
		}{
			{activityprocessor.NewFactory(), withoutPrivacy(t, readConfig(t, c.ours, c.key)), &ours},
			{transformprocessor.NewFactory(), readConfig(t, c.transform, ""), &theirs},
		} {
			p := newProcessor(t, way.factory, way.config, way.sink)
			if err := p.ConsumeTraces(t.Context(), c.spans(100)); err != nil {
				t.Fatal(err)
			}
		}
		compareSpans(t, c.unit, ours.AllTraces()[0], theirs.AllTraces()[0])
	}
}

// compareSpans compares attributes, but activity.id, which transform cannot make.
func compareSpans(t *testing.T, what string, ours, theirs ptrace.Traces) {
	t.Helper()
	us := ours.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	them := theirs.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	if us.Len() != them.Len() || us.Len() == 0 {
		t.Fatalf("%s: %d spans, transform has %d", what, us.Len(), them.Len())
	}
	for i := range us.Len() {
		mine := us.At(i).Attributes()
		if !mine.Remove(activity.IDKey) {
			t.Fatalf("%s: span %d is not an activity: %v", what, i, mine.AsRaw())
		}
		if !mine.Equal(them.At(i).Attributes()) {
			t.Fatalf("%s: span %d\nhas        %v\ntransform %v", what, i, mine.AsRaw(), them.At(i).Attributes().AsRaw())
		}
	}
}

// newProcessor starts the processor of a factory; it ends with the test.
func newProcessor(tb testing.TB, factory processor.Factory, conf *confmap.Conf, next consumer.Traces) processor.Traces {
	tb.Helper()
	cfg := factory.CreateDefaultConfig()
	if err := conf.Unmarshal(cfg); err != nil {
		tb.Fatalf("%s: %v", factory.Type(), err)
	}
	p, err := factory.CreateTraces(tb.Context(), processortest.NewNopSettings(factory.Type()), cfg, next)
	if err != nil {
		tb.Fatalf("%s: %v", factory.Type(), err)
	}
	if err := p.Start(tb.Context(), componenttest.NewNopHost()); err != nil {
		tb.Fatalf("%s: %v", factory.Type(), err)
	}
	tb.Cleanup(func() { _ = p.Shutdown(tb.Context()) })
	return p
}

// withoutPrivacy leaves out what transform is not asked for: to look for secrets in
// all that passes.
func withoutPrivacy(tb testing.TB, conf *confmap.Conf) *confmap.Conf {
	tb.Helper()
	off := confmap.NewFromStringMap(map[string]any{"privacy": map[string]any{"enabled": false}})
	if err := conf.Merge(off); err != nil {
		tb.Fatal(err)
	}
	return conf
}

// variable is an environment variable in a configuration, with its default.
var variable = regexp.MustCompile(`\$\{env:\w+:-([^}]*)\}`)

// readConfig reads a YAML file, or the part of it below key.
func readConfig(tb testing.TB, file, key string) *confmap.Conf {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	retrieved, err := confmap.NewRetrievedFromYAML(variable.ReplaceAll(text, []byte("$1")))
	if err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	conf, err := retrieved.AsConf()
	if err == nil && key != "" {
		conf, err = conf.Sub(key)
	}
	if err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return conf
}
