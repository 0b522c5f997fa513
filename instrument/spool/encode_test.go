package spool

import (
	"context"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

// catchAll is a processor that keeps records.
type catchAll struct{ records *[]sdklog.Record }

func (catchAll) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (catchAll) Shutdown(context.Context) error                         { return nil }
func (catchAll) ForceFlush(context.Context) error                       { return nil }
func (c catchAll) OnEmit(_ context.Context, r *sdklog.Record) error {
	*c.records = append(*c.records, r.Clone())
	return nil
}

// made returns the record that an SDK makes of r.
func made(ctx context.Context, r log.Record) sdklog.Record {
	var records []sdklog.Record
	res := resource.NewWithAttributes("https://example.com/schema",
		attribute.String("service.name", "shop"), attribute.Int("n", 3), attribute.StringSlice("tags", []string{"a", "b"}))
	p := sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(catchAll{&records}))
	p.Logger("scope", log.WithInstrumentationVersion("1.2"), log.WithSchemaURL("https://example.com/scope"),
		log.WithInstrumentationAttributes(attribute.Bool("in", true))).Emit(ctx, r)
	return records[0]
}

// everything is a record with a value of each kind.
func everything() log.Record {
	var r log.Record
	r.SetEventName("activity.recorded")
	r.SetTimestamp(time.Unix(1700000000, 123456789))
	r.SetObservedTimestamp(time.Unix(1700000001, 5))
	r.SetSeverity(log.SeverityWarn2)
	r.SetSeverityText("WARN")
	r.SetBody(attribute.MapValue(attribute.String("text", "was gelöscht")))
	r.AddAttributes(
		attribute.String("string", "ü"), attribute.String("empty", ""), attribute.Bool("yes", true), attribute.Bool("no", false),
		attribute.Int64("small", math.MinInt64), attribute.Int64("large", math.MaxInt64),
		attribute.Float64("float", -0.1), attribute.Float64("inf", math.Inf(1)),
		attribute.BoolSlice("bools", []bool{true, false}), attribute.Int64Slice("ints", []int64{1, -2}),
		attribute.Float64Slice("floats", []float64{1.5, 2}), attribute.StringSlice("strings", []string{"a", ""}),
		attribute.KeyValue{Key: "bytes", Value: attribute.ByteSliceValue([]byte{0, 255})},
		attribute.KeyValue{Key: "none"},
		attribute.KeyValue{Key: "slice", Value: attribute.SliceValue(attribute.IntValue(1), attribute.Value{}, attribute.StringValue("x"))},
		attribute.Map("map", attribute.Map("inner", attribute.Int("n", 1)), attribute.KeyValue{Key: "list", Value: attribute.SliceValue()}),
	)
	return r
}

func TestRecordsAreRestoredAsTheyWere(t *testing.T) {
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}, TraceFlags: trace.FlagsSampled})
	var bare log.Record
	bare.SetObservedTimestamp(time.Unix(1, 0))
	var d decoder
	for name, want := range map[string]sdklog.Record{
		"everything": made(trace.ContextWithSpanContext(t.Context(), sc), everything()),
		"no trace":   made(t.Context(), everything()),
		"bare":       made(t.Context(), bare),
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second time the logger is known
				got, err := d.decode(encode(nil, &want))
				if err != nil {
					t.Fatal(err)
				}
				compare(t, &got, &want)
			}
		})
	}
}

func compare(t *testing.T, got, want *sdklog.Record) {
	t.Helper()
	facts := func(r *sdklog.Record) map[string]any {
		scopeSet := r.InstrumentationScope().Attributes
		m := map[string]any{
			"event": r.EventName(), "severity": r.Severity(), "severity text": r.SeverityText(), "body": r.Body().String(),
			"body type": r.Body().Type(), "trace": r.TraceID(), "span": r.SpanID(), "flags": r.TraceFlags(),
			"resource": r.Resource().String(), "resource schema": r.Resource().SchemaURL(),
			"scope name": r.InstrumentationScope().Name, "scope version": r.InstrumentationScope().Version,
			"scope schema": r.InstrumentationScope().SchemaURL, "scope set": scopeSet.Encoded(attribute.DefaultEncoder()),
			"time": r.Timestamp().UTC().String(), "observed": r.ObservedTimestamp().UTC().String(),
		}
		var attrs []attribute.KeyValue
		r.WalkAttributes(func(kv attribute.KeyValue) bool { attrs = append(attrs, kv); return true })
		m["attributes"] = attrs
		return m
	}
	g, w := facts(got), facts(want)
	for k := range w {
		if !reflect.DeepEqual(g[k], w[k]) {
			t.Errorf("%s: got %v, want %v", k, g[k], w[k])
		}
	}
	if got.Resource().Equivalent() != want.Resource().Equivalent() {
		t.Errorf("resources differ: %v and %v", got.Resource(), want.Resource())
	}
}

func TestTextThatIsNotUTF8IsRepaired(t *testing.T) {
	var r log.Record
	r.SetBody(attribute.StringValue("a\xffb"))
	r.AddAttributes(attribute.String("k\xff", "v\xfe"), attribute.StringSlice("list", []string{"\xff"}),
		attribute.Map("map", attribute.String("in", "\xff")),
		attribute.KeyValue{Key: "slice", Value: attribute.SliceValue(attribute.StringValue("\xff"))})
	rec := made(t.Context(), r)
	if _, valid := measure(&rec); valid {
		t.Fatal("it counts as valid")
	}
	repair(&rec)
	if _, valid := measure(&rec); !valid || rec.Body().AsString() != "a\uFFFDb" {
		t.Errorf("body %q, valid %v", rec.Body().AsString(), valid)
	}
}

func TestDeepValuesAreTextOnDisk(t *testing.T) {
	v := attribute.StringValue("bottom")
	for range 200 {
		v = attribute.SliceValue(v)
	}
	rec := made(t.Context(), log.Record{})
	rec.SetBody(v)
	var d decoder
	got, err := d.decode(encode(nil, &rec))
	if err != nil || !strings.Contains(got.Body().String(), "bottom") {
		t.Errorf("%v, %.80s", err, got.Body().String())
	}
}

// FuzzDecode decodes arbitrary bytes: no panic, and memory bounded by the input.
func FuzzDecode(f *testing.F) {
	rec := made(context.Background(), everything())
	good := encode(nil, &rec)
	f.Add(good)
	for i := 0; i < len(good); i += 5 {
		flipped := append([]byte(nil), good...)
		flipped[i] ^= 0x40
		f.Add(flipped)
		f.Add(good[:i])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var d decoder
		rec, err := d.decode(b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20+4000*uint64(len(b)) {
			t.Errorf("%d bytes allocated for %d", used, len(b))
		}
		if err != nil {
			return
		}
		if _, err := d.decode(encode(nil, &rec)); err != nil {
			t.Errorf("what was decoded cannot be decoded again: %v", err)
		}
	})
}
