package convert_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// cutColumns are those that hold 255 characters at most, with their attributes.
var cutColumns = map[int]string{
	row.ActorID: activity.ActorIDKey, row.ActorType: activity.ActorTypeKey, row.ActionType: activity.ActionTypeKey, row.Status: activity.StatusKey,
	row.ObjectType: activity.ObjectTypeKey, row.ObjectID: activity.ObjectIDKey, row.Source: activity.SourceKey,
}

// TestLengths puts texts of 1 to 4,097 characters into each column that an attribute
// has. Those of an index are cut, and the others are not.
func TestLengths(t *testing.T) {
	for _, letter := range []string{"x", "ü", "日", "🙂"} {
		for _, length := range []int{1, 63, 64, 254, 255, 256, 257, 510, 1024, 4097} {
			value := strings.Repeat(letter, length)
			for i, name := range row.Names {
				c := activity.Columns()[slices.IndexFunc(activity.Columns(), func(c activity.Column) bool { return c.Name == name })]
				if c.Key == "" || i == row.Data || i == row.ServiceName {
					continue
				}
				r := record(func(r plog.LogRecord) { r.Attributes().PutStr(c.Key, value) })
				want, wantCut := value, false
				if _, indexed := cutColumns[i]; indexed && length > convert.Longest {
					want, wantCut = strings.Repeat(letter, convert.Longest), true
				}
				if r.Text[i] != want {
					t.Errorf("%d times %s in %s: %d characters are left", length, letter, name, utf8.RuneCountInString(r.Text[i]))
				}
				if _, marked := dataOf(t, r)[activity.CutKey]; marked != wantCut {
					t.Errorf("%d times %s in %s: marked as cut: %v", length, letter, name, marked)
				}
			}
		}
	}
}

// TestWholeValueInData: data has the whole of what was cut up to 4,096 bytes, and
// its length and hash beyond that.
func TestWholeValueInData(t *testing.T) {
	for _, bytes := range []int{256, 257, 4095, 4096, 4097, 100_000} {
		value := strings.Repeat("x", bytes-1) + "y"
		want := value
		if bytes > 4096 {
			want = fmt.Sprintf("%d bytes, SHA-256 %x", bytes, sha256.Sum256([]byte(value)))
		}
		for column, key := range cutColumns {
			r := record(func(r plog.LogRecord) { r.Attributes().PutStr(key, value) })
			if got := dataOf(t, r)[key]; got != want {
				t.Errorf("%d bytes in %s: data has %.80v", bytes, row.Names[column], got)
			}
		}
	}
}

// Several columns are cut and repaired in one row, and each is listed once.
func TestAllColumnsAtOnce(t *testing.T) {
	r := record(func(r plog.LogRecord) {
		for _, key := range cutColumns {
			r.Attributes().PutStr(key, strings.Repeat("x", 300)+"\x00")
		}
		r.Attributes().PutStr(activity.ActorNameKey, "\xff")
		r.Attributes().PutEmptySlice(activity.CutKey).AppendEmpty().SetStr("object_id")
	})
	data := dataOf(t, r)
	want := []any{"action_type", "actor_id", "actor_type", "object_id", "object_type", "source", "status"}
	if got := data[activity.CutKey]; !slices.Equal(got.([]any), want) {
		t.Errorf("cut: got %v, want %v", got, want)
	}
	want = []any{"actor_id", "actor_type", "actor_name", "action_type", "status", "object_type", "object_id", "source"}
	if got := data[convert.RepairedKey]; !slices.Equal(got.([]any), want) {
		t.Errorf("repaired: got %v, want %v", got, want)
	}
}

// TestRepair is about bytes, which JSON files cannot hold.
func TestRepair(t *testing.T) {
	for in, want := range map[string]string{
		"\x00":                          "\uFFFD",
		"a\x00":                         "a\uFFFD",
		"\x00a":                         "\uFFFDa",
		"\x00\x00":                      "\uFFFD\uFFFD",
		"\xff":                          "\uFFFD",
		"\xff\xfe\xfd":                  "\uFFFD", // a run of them is one
		"\xff\x00\xff":                  "\uFFFD\uFFFD\uFFFD",
		"a\x80b":                        "a\uFFFDb",
		"\xc3":                          "\uFFFD", // the first half of ü
		"ü\xc3":                         "ü\uFFFD",
		"\xe6\x97":                      "\uFFFD", // two thirds of 日
		"\xf0\x9f\x99":                  "\uFFFD", // three quarters of 🙂
		"\xc0\x80":                      "\uFFFD", // NUL as Java writes it
		"\xed\xa0\x80":                  "\uFFFD", // half of a surrogate pair
		"\xf4\x90\x80\x80":              "\uFFFD", // beyond U+10FFFF
		"\xef\xbb\xbfa":                 "\uFEFFa",
		"\uFFFD":                        "\uFFFD",
		"\x01\x7f":                      "\x01\x7f",
		"\u0080":                        "\u0080",
		"\U0010FFFF":                    "\U0010FFFF",
		"日本":                            "日本",
		strings.Repeat("x", 300):        strings.Repeat("x", 300),
		"x" + strings.Repeat("\x00", 3): "x" + strings.Repeat("\uFFFD", 3),
	} {
		r := record(func(r plog.LogRecord) {
			r.Body().SetStr(in)
			r.Attributes().PutEmptyMap(activity.DataKey).PutStr("k", in)
		})
		if got := r.Text[row.Remarks]; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		data := dataOf(t, r)
		if data["k"] != want {
			t.Errorf("%q in data: got %q, want %q", in, data["k"], want)
		}
		if _, marked := data[convert.RepairedKey]; marked != (in != want) {
			t.Errorf("%q: marked as repaired: %v", in, marked)
		}
	}
}

// A map that came in another order gives the same text.
func TestOrderOfAMapMeansNothing(t *testing.T) {
	keys := []string{"b", "a", "ä", "", "A", "a.b", "a\x00"}
	text := func(keys []string) string {
		return record(func(r plog.LogRecord) {
			m := r.Attributes().PutEmptyMap(activity.DataKey)
			inner := m.PutEmptyMap("inner")
			for _, key := range keys {
				m.PutStr(key, "of "+key)
				inner.PutStr(key, "of "+key)
			}
		}).Text[row.Data]
	}
	want := text(keys)
	for range len(keys) {
		keys = append(keys[1:], keys[0])
		if got := text(keys); got != want {
			t.Errorf("got %s, then %s", want, got)
		}
	}
}

// Nobody's data may have so many levels that writing it fails.
func TestDeepData(t *testing.T) {
	for _, levels := range []int{1, 10, 100, 1000} {
		v := pcommon.NewValueEmpty()
		inner := v
		for range levels {
			inner = inner.SetEmptyMap().PutEmptySlice("l").AppendEmpty()
		}
		inner.SetStr("deep")
		r := record(func(r plog.LogRecord) { v.CopyTo(r.Attributes().PutEmpty(activity.DataKey)) })
		want := strings.Repeat(`{"l":[`, levels) + `"deep"` + strings.Repeat(`]}`, levels)
		if got := r.Text[row.Data]; got != want {
			t.Errorf("%d levels: got %.200s", levels, got)
		}
		asText := record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.DataKey, want) })
		if got := asText.Text[row.Data]; got != want {
			t.Errorf("%d levels of text: got %.200s", levels, got)
		}
	}
}

// The two ids are there when they are not zero, and only then.
func TestTraceAndSpanIDs(t *testing.T) {
	trace, span := pcommon.TraceID{15: 0xab}, pcommon.SpanID{0: 0xcd}
	for _, c := range []struct {
		trace        pcommon.TraceID
		span         pcommon.SpanID
		wantT, wantS string
	}{
		{trace, span, "000000000000000000000000000000ab", "cd00000000000000"},
		{trace, pcommon.SpanID{}, "000000000000000000000000000000ab", ""},
		{pcommon.TraceID{}, span, "", "cd00000000000000"},
		{pcommon.TraceID{}, pcommon.SpanID{}, "", ""},
	} {
		ofLog := record(func(r plog.LogRecord) { r.SetTraceID(c.trace); r.SetSpanID(c.span) })
		td := ptrace.NewTraces()
		s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.Attributes().PutStr(activity.ActionTypeKey, "Read")
		s.SetTraceID(c.trace)
		s.SetSpanID(c.span)
		for _, r := range []row.Row{ofLog, (&convert.Converter{}).Traces(td).Rows[0]} {
			if r.Text[row.TraceID] != c.wantT || r.Text[row.SpanID] != c.wantS || r.Text[row.Data] != "{}" {
				t.Errorf("%v, %v: got %q, %q, data %s", c.trace, c.span, r.Text[row.TraceID], r.Text[row.SpanID], r.Text[row.Data])
			}
		}
	}
}

// A batch that is released leaves nothing in the next one.
func TestReleasedBatches(t *testing.T) {
	request := func(n int, actor, action string) plog.Logs {
		ld := plog.NewLogs()
		records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for i := range n {
			r := records.AppendEmpty()
			r.Attributes().PutStr(activity.ActionTypeKey, action)
			if actor != "" {
				r.Attributes().PutStr(activity.ActorIDKey, fmt.Sprint(actor, i))
				r.Attributes().PutEmptyMap(activity.DataKey).PutStr("of", actor)
				r.SetTraceID([16]byte{1})
			}
		}
		return ld
	}
	var c convert.Converter
	for _, n := range []int{100, 3, 0, 50} {
		full := c.Logs(request(n, "alice", " "))
		if len(full.Rows) != n || full.Unnamed != n {
			t.Errorf("%d records: %d rows, %d without a name", n, len(full.Rows), full.Unnamed)
		}
		c.Release(full)
		empty := c.Logs(request(n+10, "", "Read"))
		if len(empty.Rows) != n+10 || empty.Unnamed != 0 {
			t.Errorf("%d records: %d rows, %d without a name", n+10, len(empty.Rows), empty.Unnamed)
		}
		for i := range empty.Rows {
			if text := empty.Rows[i].Text; text[row.ActorID] != "" || text[row.Data] != "{}" || text[row.TraceID] != "" {
				t.Fatalf("row %d has something of the batch before: %q", i, text)
			}
		}
		c.Release(empty)
	}
}

// One converter serves all senders at the same time.
func TestConverterForMany(t *testing.T) {
	var c convert.Converter
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 50 {
				ld := plog.NewLogs()
				records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
				for i := range n {
					a := records.AppendEmpty().Attributes()
					a.PutStr(activity.ActionTypeKey, "Read")
					a.PutEmptyMap(activity.DataKey).PutInt("n", int64(100*g+i))
				}
				batch := c.Logs(ld)
				for i, r := range batch.Rows {
					if want := fmt.Sprintf(`{"n":%d}`, 100*g+i); r.Text[row.Data] != want {
						t.Errorf("got %s, want %s", r.Text[row.Data], want)
					}
				}
				c.Release(batch)
			}
		})
	}
	wg.Wait()
}

// A cut value that data has already, since the configuration copies the attribute,
// is not there twice.
func TestCutValueThatIsCopiedToo(t *testing.T) {
	long := strings.Repeat("x", 5000)
	ld := plog.NewLogs()
	a := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes()
	a.PutStr(activity.ActionTypeKey, "Read")
	a.PutStr(activity.ObjectIDKey, long)
	c := convert.Converter{DataAttributes: []string{activity.ObjectIDKey, activity.ObjectIDKey}}
	names, values := members(t, c.Logs(ld).Rows[0].Text[row.Data])
	if want := []string{activity.ObjectIDKey, activity.CutKey}; !slices.Equal(names, want) || values[0] != `"`+long+`"` {
		t.Errorf("got the members %v", names)
	}
}
