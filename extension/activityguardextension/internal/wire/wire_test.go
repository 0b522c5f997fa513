package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

var shipped = Limits{Depth: 32, Elements: 250_000}

// nested returns a value of so many levels, lists or maps.
func nested(levels int, maps bool) pcommon.Value {
	v := pcommon.NewValueStr("end")
	for range levels - 1 {
		outer := pcommon.NewValueEmpty()
		if maps {
			v.CopyTo(outer.SetEmptyMap().PutEmpty("k"))
		} else {
			v.CopyTo(outer.SetEmptySlice().AppendEmpty())
		}
		v = outer
	}
	return v
}

func logs(t testing.TB, fill func(plog.LogRecord)) (protobuf, json []byte) {
	t.Helper()
	ld := plog.NewLogs()
	fill(ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	req := plogotlp.NewExportRequestFromLogs(ld)
	protobuf, err := req.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	json, err = req.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return protobuf, json
}

func TestDepth(t *testing.T) {
	for _, maps := range []bool{false, true} {
		for _, where := range []string{"attribute", "body"} {
			t.Run(fmt.Sprintf("%s maps=%v", where, maps), func(t *testing.T) {
				build := func(levels int) (protobuf, json []byte) {
					return logs(t, func(r plog.LogRecord) {
						if where == "body" {
							nested(levels, maps).CopyTo(r.Body())
						} else {
							nested(levels, maps).CopyTo(r.Attributes().PutEmpty("a"))
						}
					})
				}
				protobuf, json := build(shipped.Depth)
				if err := NewProtobuf(Logs, shipped).Scan(protobuf); err != nil {
					t.Fatal(err)
				}
				if err := NewJSON(shipped).Scan(json); err != nil {
					t.Fatal(err)
				}
				protobuf, _ = build(shipped.Depth + 1)
				if err := NewProtobuf(Logs, shipped).Scan(protobuf); !errors.Is(err, ErrDepth) {
					t.Fatalf("got %v, want %v", err, ErrDepth)
				}
				_, json = build(3 * shipped.Depth)
				if err := NewJSON(shipped).Scan(json); !errors.Is(err, ErrDepth) {
					t.Fatalf("got %v, want %v", err, ErrDepth)
				}
			})
		}
	}
}

func TestDepthOfAllSignals(t *testing.T) {
	deep := nested(shipped.Depth+1, false)
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	for name, attributes := range map[string]pcommon.Map{
		"span": span.Attributes(), "event": span.Events().AppendEmpty().Attributes(), "link": span.Links().AppendEmpty().Attributes(),
		"scope": td.ResourceSpans().At(0).ScopeSpans().At(0).Scope().Attributes(), "resource": td.ResourceSpans().At(0).Resource().Attributes(),
	} {
		deep.CopyTo(attributes.PutEmpty("a"))
		body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
		if err != nil {
			t.Fatal(err)
		}
		if err := NewProtobuf(Traces, shipped).Scan(body); !errors.Is(err, ErrDepth) {
			t.Fatalf("%v: got %v, want %v", name, err, ErrDepth)
		}
		attributes.Remove("a")
	}
	md := pmetric.NewMetrics()
	add := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty
	for name, attributes := range map[string]pcommon.Map{
		"gauge": add().SetEmptyGauge().DataPoints().AppendEmpty().Attributes(), "sum": add().SetEmptySum().DataPoints().AppendEmpty().Attributes(),
		"histogram":   add().SetEmptyHistogram().DataPoints().AppendEmpty().Attributes(),
		"exponential": add().SetEmptyExponentialHistogram().DataPoints().AppendEmpty().Exemplars().AppendEmpty().FilteredAttributes(),
		"summary":     add().SetEmptySummary().DataPoints().AppendEmpty().Attributes(),
		"metadata":    add().Metadata(),
		"exemplar":    add().SetEmptyGauge().DataPoints().AppendEmpty().Exemplars().AppendEmpty().FilteredAttributes(),
	} {
		deep.CopyTo(attributes.PutEmpty("a"))
		body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
		if err != nil {
			t.Fatal(err)
		}
		if err := NewProtobuf(Metrics, shipped).Scan(body); !errors.Is(err, ErrDepth) {
			t.Fatalf("%v: got %v, want %v", name, err, ErrDepth)
		}
		attributes.Remove("a")
	}
}

// wrap puts content into a field of a message.
func wrap(field int, content []byte) []byte {
	out := appendVarint(nil, uint64(field)<<3|2)
	return append(appendVarint(out, uint64(len(content))), content...)
}

func appendVarint(out []byte, v uint64) []byte {
	for ; v >= 0x80; v >>= 7 {
		out = append(out, byte(v)|0x80)
	}
	return append(out, byte(v))
}

// TestDeprecatedField: the decoder accepts scopes under a number of 2021.
func TestDeprecatedField(t *testing.T) {
	empty := bytes.Repeat([]byte{2<<3 | 2, 0}, shipped.Elements+1)
	body := wrap(1, wrap(deprecatedField, empty))
	if err := NewProtobuf(Logs, shipped).Scan(body); !errors.Is(err, ErrElements) {
		t.Fatalf("got %v, want %v", err, ErrElements)
	}
	if err := NewProtobuf(Traces, shipped).Scan(body); !errors.Is(err, ErrElements) {
		t.Fatalf("got %v, want %v", err, ErrElements)
	}
}

func TestElements(t *testing.T) {
	limits := Limits{Depth: 32, Elements: 1000}
	for name, fill := range map[string]func(r plog.LogRecord){
		"attributes": func(r plog.LogRecord) {
			for i := range 1100 {
				r.Attributes().PutInt(fmt.Sprint(i), 1)
			}
		},
		"members of a list": func(r plog.LogRecord) {
			list := r.Body().SetEmptySlice()
			for range 1100 {
				list.AppendEmpty().SetInt(1)
			}
		},
		"members of a map": func(r plog.LogRecord) {
			m := r.Attributes().PutEmptyMap("activity.data")
			for i := range 1100 {
				m.PutEmpty(fmt.Sprint(i))
			}
		},
	} {
		protobuf, json := logs(t, fill)
		if err := NewProtobuf(Logs, limits).Scan(protobuf); !errors.Is(err, ErrElements) {
			t.Fatalf("%v: got %v, want %v", name, err, ErrElements)
		}
		if err := NewJSON(limits).Scan(json); !errors.Is(err, ErrElements) {
			t.Fatalf("%v: got %v, want %v", name, err, ErrElements)
		}
		if err := NewProtobuf(Logs, shipped).Scan(protobuf); err != nil {
			t.Fatalf("%v: %v", name, err)
		}
		if err := NewJSON(shipped).Scan(json); err != nil {
			t.Fatalf("%v: %v", name, err)
		}
	}
	if err := NewJSON(limits).Scan([]byte(`{"resourceLogs":[` + strings.Repeat("null,", 1100))); !errors.Is(err, ErrElements) {
		t.Fatalf("got %v, want %v", err, ErrElements)
	}
	if err := NewJSON(limits).Scan([]byte(`{"a":"` + strings.Repeat(`[{,\"`, 1100) + `"}`)); err != nil {
		t.Fatalf("brackets in a text: %v", err)
	}
}

func TestEmptyRecords(t *testing.T) {
	body := wrap(1, wrap(2, bytes.Repeat([]byte{2<<3 | 2, 0}, 4<<20)))
	scanner := NewProtobuf(Logs, shipped)
	if err := scanner.Scan(body); !errors.Is(err, ErrElements) {
		t.Fatalf("got %v, want %v", err, ErrElements)
	}
	if got := scanner.Elements(); got != shipped.Elements+1 {
		t.Fatalf("scanner.Elements(): got %v, want %v", got, shipped.Elements+1)
	}
}

func TestMalformed(t *testing.T) {
	for name, body := range map[string][]byte{
		"longer than the whole":   wrap(1, []byte{2<<3 | 2, 100}),
		"a group":                 {1<<3 | 3},
		"field 0":                 {0, 0},
		"a number without an end": bytes.Repeat([]byte{0xff}, 11),
		"cut within a number":     wrap(1, wrap(2, []byte{1<<3 | 1, 0, 0})),
	} {
		if err := NewProtobuf(Logs, shipped).Scan(body); !errors.Is(err, ErrMalformed) {
			t.Fatalf("%v: got %v, want %v", name, err, ErrMalformed)
		}
	}
}

// TestPieces: requests come in pieces that end anywhere.
func TestPieces(t *testing.T) {
	protobuf, json := logs(t, func(r plog.LogRecord) {
		nested(7, true).CopyTo(r.Body())
		r.Attributes().PutStr("key", strings.Repeat("x", 300))
		r.Attributes().PutDouble("d", 1.5)
	})
	whole := NewProtobuf(Logs, shipped)
	if err := whole.Scan(protobuf); err != nil {
		t.Fatal(err)
	}
	for size := 1; size < 20; size++ {
		scanner, js := NewProtobuf(Logs, shipped), NewJSON(shipped)
		for rest := protobuf; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if err := scanner.Scan(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		for rest := json; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if err := js.Scan(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		if got := scanner.Elements(); got != whole.Elements() {
			t.Fatalf("scanner.Elements(): got %v, want %v", got, whole.Elements())
		}
	}
}

func benchmarkBody(b *testing.B) (protobuf, json []byte) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range 5000 {
		r := records.AppendEmpty()
		r.Body().SetStr("ada@example.com: Update article 17")
		for k := range 20 {
			r.Attributes().PutStr(fmt.Sprintf("activity.attribute.%d", k), fmt.Sprintf("value %d of %d", k, i))
		}
	}
	req := plogotlp.NewExportRequestFromLogs(ld)
	protobuf, err := req.MarshalProto()
	if err != nil {
		b.Fatal(err)
	}
	json, err = req.MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	return protobuf, json
}

func BenchmarkProtobuf(b *testing.B) {
	body, _ := benchmarkBody(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := NewProtobuf(Logs, Limits{Depth: 32, Elements: 1 << 30}).Scan(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode is what the scanner's cost is to be compared with.
func BenchmarkDecode(b *testing.B) {
	body, _ := benchmarkBody(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := plogotlp.NewExportRequest().UnmarshalProto(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	_, body := benchmarkBody(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := NewJSON(Limits{Depth: 32, Elements: 1 << 30}).Scan(body); err != nil {
			b.Fatal(err)
		}
	}
}
