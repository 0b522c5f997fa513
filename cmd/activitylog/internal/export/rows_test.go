package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// values are what columns may have.
var values = []string{"", "alice", "größer 😀", `a "quoted", b`, "line\nend", "\r\n", " space", "\ttab", "=1+1", "-5", "@x", clitest.Hostile,
	"\\.", "a\xffb", "\u2028", "\u00a0nbsp", "<a>&amp;", "\b\f\x00\x1f", "😀"}

// rows returns n rows of all kinds, in order.
func rows(n int) []reader.Row {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	pick := func() string { return values[rng.IntN(len(values))] }
	all := make([]reader.Row, n)
	for i := range all {
		at := time.Date(2026, 11, 1, 0, 0, i, rng.IntN(1e6)*1000, time.UTC)
		id := activity.HashID(at, []byte(fmt.Sprint(i)))
		all[i] = reader.Row{EventID: id, ActionTime: id.Time(), ActorID: pick(), ActorType: activity.ActorType(pick()), ActorName: pick(), ImpersonatorID: pick(),
			TenantID: pick(), ActionType: activity.ActionType(pick()), ActionName: pick(), Status: "Success", ErrorType: pick(), ObjectType: pick(),
			ObjectID: fmt.Sprint(i), ObjectName: pick(), Remarks: pick(), ClientAddress: pick(), UserAgent: pick(), SessionID: pick(), ServiceName: pick(),
			TraceID: pick(), SpanID: pick(), Source: "declared", RecordedAt: at.Add(time.Second),
			Data: json.RawMessage([]string{`{}`, `{"a": [1, 2]}`, `{"a":"` + "\u202e\u007f" + `"}`, "{\n\"a\": 1}", `no json`}[rng.IntN(5)])}
	}
	return all
}

// write writes rows as a whole.
func write(t testing.TB, o Options, all []reader.Row) []byte {
	t.Helper()
	var b bytes.Buffer
	s := NewStream(&b, o)
	for i := range all {
		row := all[i]
		if err := s.Write(&row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(); err != nil || s.Rows() != int64(len(all)) {
		t.Fatalf("%d rows, %v", s.Rows(), err)
	}
	return b.Bytes()
}

// TestCSV compares the lines with those of package encoding/csv.
func TestCSV(t *testing.T) {
	for _, columns := range [][]string{nil, {"recorded_at", "remarks", "data"}, {"actor_name"}} {
		o := Options{Format: CSV, Columns: columns}
		all := rows(300)
		var want bytes.Buffer
		w := csv.NewWriter(&want)
		_ = w.Write(o.columns())
		for i := range all {
			var record []string
			for _, get := range o.getters() {
				record = append(record, get(&all[i]))
			}
			_ = w.Write(record)
		}
		w.Flush()
		got := string(write(t, o, all))
		if len(columns) == 1 { // a line with nothing but an empty value has no quotes in ours
			want.Reset()
			want.WriteString(got)
		}
		if got != want.String() {
			g, w := strings.Split(got, "\n"), strings.Split(want.String(), "\n")
			for i := range g {
				if g[i] != w[i] {
					t.Fatalf("%v: line %d is\n%q, want\n%q", columns, i, g[i], w[i])
				}
			}
		}
	}
}

// FuzzField compares a value with package encoding/csv, and what is written for a
// spreadsheet with what it may be.
func FuzzField(f *testing.F) {
	for _, value := range values {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value == "" {
			return
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		_ = w.Write([]string{value, "x"})
		w.Flush()
		if got := string(appendField(nil, value)) + ",x\n"; got != b.String() {
			t.Errorf("got %q, want %q", got, b.String())
		}
		safe := Spreadsheet(value)
		for part := range strings.FieldsFuncSeq(safe, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if part = strings.TrimLeft(part, " "); part != "" && strings.ContainsAny(part[:1], "=+-@") {
				t.Errorf("%q becomes %q, of which a part is a formula", value, safe)
			}
		}
		if strings.ReplaceAll(safe, "'", "") != strings.ReplaceAll(strings.ToValidUTF8(value, "\ufffd"), "'", "") && strings.ToValidUTF8(value, "") == value {
			t.Errorf("%q becomes %q", value, safe)
		}
	})
}

func TestSpreadsheet(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "alice": "alice", "a=b": "a=b", "=1": "'=1", "-5": "'-5", "+49 30": "'+49 30", "@x": "'@x", "＝1": "'＝1",
		"a;=1": "a;'=1", "a\n=1": "a\n'=1", " =1": " '=1", "\t=1": "'\t'=1", "a-b": "a-b",
	} {
		if got := Spreadsheet(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	text := string(write(t, Options{Format: CSV, Spreadsheet: true, Columns: []string{"actor_name", "object_id"}}, rows(50)))
	if !strings.HasPrefix(text, "\ufeffactor_name,object_id\n") || !strings.Contains(text, "'=1+1,") || strings.Contains(text, "\n=") {
		t.Errorf("got %q", text)
	}
}

func TestTerminal(t *testing.T) {
	text := write(t, Options{Format: CSV, Terminal: true}, rows(50))
	for _, b := range text {
		if b != '\n' && (b < ' ' || b == 0x7f) {
			t.Fatalf("got byte %#x", b)
		}
	}
}

// TestFormulas counts what a spreadsheet would take for one.
func TestFormulas(t *testing.T) {
	var b bytes.Buffer
	s := NewStream(&b, Options{Format: CSV, Columns: []string{"actor_id", "remarks"}})
	for _, value := range []string{"=1", "a", "-5", "", "a=1", "'=1"} {
		if err := s.Write(&reader.Row{ActorID: value, Remarks: "@"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Formulas(); got != 8 {
		t.Errorf("got %d", got)
	}
	if got := NewStream(&b, Options{Format: JSONL}).Formulas(); got != 0 {
		t.Errorf("JSON: got %d", got)
	}
}

// TestJSONL compares the lines with those of package encoding/json.
func TestJSONL(t *testing.T) {
	for _, columns := range [][]string{nil, {"remarks", "data", "actor_id"}} {
		all := rows(300)
		got := bytes.SplitAfter(write(t, Options{Format: JSONL, Columns: columns}, all), []byte("\n"))
		for i := range all {
			row := all[i]
			var text []byte
			var err error
			if columns != nil {
				text, err = field.Object(&row, columns)
			} else {
				field.Fit(&row)
				text, err = field.JSON(row)
			}
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			_, _ = escape.JSON(&want).Write(text)
			if columns == nil { // data stays as it is, as far as it is one line of JSON
				var a, b any
				if json.Unmarshal(got[i], &a) != nil || json.Unmarshal(want.Bytes(), &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
					t.Fatalf("line %d is\n%s, want\n%s", i, got[i], want.Bytes())
				}
				got[i] = bytes.ReplaceAll(got[i], []byte(`{"a": [1, 2]}`), []byte(`{"a":[1,2]}`))
			}
			if !bytes.Equal(got[i], want.Bytes()) {
				t.Fatalf("line %d is\n%s, want\n%s", i, got[i], want.Bytes())
			}
		}
	}
}

func TestAppendTime(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2026, 1, 2, 3, 4, 5, 6000, time.FixedZone("", 3600)), time.Date(999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := string(appendTime(nil, at)); got != field.Time(at) {
			t.Errorf("got %s, want %s", got, field.Time(at))
		}
	}
}

func TestGuess(t *testing.T) {
	for name, want := range map[string][2]string{
		"a.csv": {"csv", ""}, "a.CSV.GZ": {"csv", "gzip"}, "a.jsonl.zst": {"jsonl", "zstd"}, "a.ndjson": {"jsonl", ""}, "a.parquet": {"parquet", ""},
		"a.gz": {"", "gzip"}, "a": {"", ""}, "": {"", ""}, "a.csv.bz2": {"", ""}, "a.parquet.gz": {"parquet", "gzip"},
	} {
		format, compression := Guess(name)
		if got := [2]string{string(format), string(compression)}; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for text, o := range map[string]Options{
		"":                     {Format: CSV, Spreadsheet: true, Compression: Gzip, Columns: []string{"data"}},
		"one of csv":           {Format: "xml"},
		"compressed by itself": {Format: Parquet, Compression: Gzip},
		"cannot be shown":      {Format: Parquet, Terminal: true},
		"only csv":             {Format: JSONL, Spreadsheet: true},
		`got "nothing"`:        {Format: JSONL, Columns: []string{"nothing"}},
	} {
		if err := o.Check(); (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: got %v, want %q", o, err, text)
		}
	}
	if got := (Options{}).columns(); !slices.Equal(got, field.Names()) {
		t.Errorf("got %v", got)
	}
}
