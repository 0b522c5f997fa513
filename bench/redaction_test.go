package bench

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

const (
	redactTests = "../processor/activityprocessor/internal/redact/testdata/"
	redaction   = "testdata/redaction.yaml"
)

// a secret is the value of an attribute, or part of one.
type secret struct{ Kind, Key, Text, Secret string }

// place puts the secret, or a text without one, where services put them. It is an
// activity, so that our processor keeps the span.
func place(s secret) ptrace.Traces {
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName("PATCH /articles/{id}")
	span.Attributes().PutStr(activity.ActionTypeKey, "Update")
	span.Attributes().PutStr(activity.ActorIDKey, "42")
	key := s.Key
	if key == "" {
		key = "note"
	}
	span.Attributes().PutStr(key, s.Text)
	span.Attributes().PutEmptyMap(activity.DataKey).PutEmptyMap("request").PutStr(key, s.Text)
	object, _ := json.Marshal(map[string]string{key: s.Text})
	span.Attributes().PutStr("body", string(object))
	return td
}

// places are the attributes that [place] fills.
var places = []string{"attribute", "map", "JSON"}

// kept reports in which of the places the text is still there.
func kept(td ptrace.Traces, key, text string) (in [3]bool) {
	if key == "" {
		key = "note"
	}
	attributes := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
	holds := func(v pcommon.Value, ok bool) bool { return ok && bytes.Contains([]byte(v.AsString()), []byte(text)) }
	in[0] = holds(attributes.Get(key))
	in[1] = holds(attributes.Get(activity.DataKey))
	in[2] = holds(attributes.Get("body"))
	return in
}

// TestRedaction counts how many of the secrets that our own tests plant are left by
// our processor and by contrib's, and how many texts without one are changed. It
// fails if ours leaves any, or if the comparison has become pointless.
func TestRedaction(t *testing.T) {
	secrets := readCases[secret](t, redactTests+"secrets.json")
	harmless := readCases[string](t, redactTests+"harmless.json")
	for _, way := range []struct {
		name    string
		factory processor.Factory
		config  *confmap.Conf
	}{
		{"ours", activityprocessor.NewFactory(), confmap.New()},
		{"contrib", redactionprocessor.NewFactory(), readConfig(t, redaction, "")},
	} {
		var sink consumertest.TracesSink
		p := newProcessor(t, way.factory, way.config, &sink)
		var left [3]int
		for _, s := range secrets {
			for i, there := range kept(pass(t, p, &sink, s), s.Key, s.Secret) {
				if there {
					left[i]++
				}
			}
		}
		changed := 0
		for _, text := range harmless {
			if in := kept(pass(t, p, &sink, secret{Text: text}), "", text); !in[0] {
				changed++
			}
		}
		t.Logf("%s: of %d secrets are left in %v: %d; of %d harmless texts were changed: %d",
			way.name, len(secrets), places, left, len(harmless), changed)
		if ours := way.name == "ours"; ours == (left[0] > 0) || ours && changed > 0 {
			t.Errorf("%s: %d secrets are left in attributes, %d harmless texts changed", way.name, left[0], changed)
		}
	}
}

// pass sends a secret through p and returns what comes out.
func pass(t *testing.T, p processor.Traces, sink *consumertest.TracesSink, s secret) ptrace.Traces {
	t.Helper()
	sink.Reset()
	if err := p.ConsumeTraces(t.Context(), place(s)); err != nil {
		t.Fatal(err)
	}
	return sink.AllTraces()[0]
}

// BenchmarkRedaction measures what looking for secrets costs: ns/record of contrib's
// processor redaction, and of ours as the difference with and without it, for the
// same activities. Both take turns.
func BenchmarkRedaction(b *testing.B) {
	with := newProcessor(b, activityprocessor.NewFactory(), confmap.New(), consumertest.NewNop())
	without := newProcessor(b, activityprocessor.NewFactory(), withoutPrivacy(b, confmap.New()), consumertest.NewNop())
	contrib := newProcessor(b, redactionprocessor.NewFactory(), readConfig(b, redaction, ""), consumertest.NewNop())
	td := load.PlainSpans(requestRows)
	var ours, theirs []float64
	for b.Loop() {
		for range processorRounds {
			ours = append(ours, cost(b, with, td)-cost(b, without, td))
			theirs = append(theirs, cost(b, contrib, td))
		}
	}
	b.ReportMetric(median(ours)/median(theirs), "of-contrib")
	b.ReportMetric(median(ours), "ns/record")
	b.ReportMetric(median(theirs), "ns/contrib")
	b.ReportMetric(0, "ns/op")
}

func readCases[T any](tb testing.TB, file string) (cases []T) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return cases
}
