package convert_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden converts each testdata/*.otlp.json, an OTLP request of traces or
// logs, and compares with the rows in *.rows.json.
func TestGolden(t *testing.T) {
	inputs, _ := filepath.Glob("testdata/*.otlp.json")
	if len(inputs) < 4 {
		t.Fatalf("only %d inputs in testdata", len(inputs))
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			golden := strings.TrimSuffix(input, ".otlp.json") + ".rows.json"
			got := show(t, converted(t, input))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("rows of %s: got\n%s\nwant\n%s", input, got, want)
			}
		})
	}
}

func converted(t *testing.T, input string) []row.Row {
	t.Helper()
	text, err := os.ReadFile(input)
	if err != nil {
		t.Fatal(err)
	}
	c := convert.Converter{DataAttributes: []string{"http.route", "deployment.environment.name", "absent"}}
	if strings.Contains(string(text), "resourceSpans") {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(text)
		if err != nil {
			t.Fatal(err)
		}
		identity.StampTraces(td)
		return c.Traces(td).Rows
	}
	ld, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(text)
	if err != nil {
		t.Fatal(err)
	}
	identity.StampLogs(ld)
	return c.Logs(ld).Rows
}

// show writes rows as indented JSON, with the time that is in the id.
func show(t *testing.T, rows []row.Row) string {
	t.Helper()
	shown := []map[string]any{}
	for i := range rows {
		var fields map[string]any
		if err := json.Unmarshal([]byte(rows[i].JSON()), &fields); err != nil {
			t.Fatalf("row is not JSON: %v: %s", err, rows[i].JSON())
		}
		fields["action_time"] = rows[i].ID.Time()
		shown = append(shown, fields)
	}
	text, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

func record(change func(plog.LogRecord)) row.Row {
	ld := plog.NewLogs()
	r := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Attributes().PutStr(activity.ActionTypeKey, "Read")
	r.Attributes().PutStr(activity.IDKey, "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71")
	change(r)
	return (&convert.Converter{}).Logs(ld).Rows[0]
}

func TestImpossibleTextIsRepairedAndFlagged(t *testing.T) {
	r := record(func(r plog.LogRecord) {
		r.Body().SetStr("nul \x00 here")
		r.Attributes().PutStr(activity.ObjectIDKey, "broken \xff\xfe utf-8")
		data := r.Attributes().PutEmptyMap(activity.DataKey)
		data.PutStr("k\x00ey", "va\x00lue")
	})
	if got := r.Text[row.Remarks]; got != "nul \uFFFD here" {
		t.Errorf("remarks: got %q", got)
	}
	if got := r.Text[row.ObjectID]; got != "broken \uFFFD utf-8" {
		t.Errorf("object_id: got %q", got)
	}
	want := `{"k` + "\uFFFD" + `ey":"va` + "\uFFFD" + `lue","activity.repaired":["object_id","remarks","data"]}`
	if got := r.Text[row.Data]; got != want {
		t.Errorf("data: got %s, want %s", got, want)
	}
}

func TestDataIsAlwaysAnObject(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(pcommon.Value)
		want string
	}{
		"absent map":        {func(v pcommon.Value) { v.SetEmptyMap() }, `{}`},
		"keys in order":     {func(v pcommon.Value) { m := v.SetEmptyMap(); m.PutInt("b", 1); m.PutBool("a", true) }, `{"a":true,"b":1}`},
		"no numbers":        {func(v pcommon.Value) { m := v.SetEmptyMap(); m.PutDouble("n", math.NaN()) }, `{"n":"NaN"}`},
		"JSON text":         {func(v pcommon.Value) { v.SetStr(`{"b": 12345678901234567890, "a": {"x": [1, null, "\u0041"]}}`) }, `{"a":{"x":[1,null,"A"]},"b":12345678901234567890}`},
		"half a surrogate":  {func(v pcommon.Value) { v.SetStr(`{"a": "\ud800"}`) }, "{\"a\":\"\uFFFD\"}"},
		"JSON NUL":          {func(v pcommon.Value) { v.SetStr(`{"a": "\u0000"}`) }, "{\"a\":\"\uFFFD\",\"activity.repaired\":[\"data\"]}"},
		"text, not JSON":    {func(v pcommon.Value) { v.SetStr("{hello") }, `{"value":"{hello"}`},
		"two JSON objects":  {func(v pcommon.Value) { v.SetStr(`{} {}`) }, `{"value":"{} {}"}`},
		"number":            {func(v pcommon.Value) { v.SetInt(7) }, `{"value":7}`},
		"bytes":             {func(v pcommon.Value) { v.SetEmptyBytes().Append(1, 2, 3) }, `{"value":"AQID"}`},
		"slice, nested map": {func(v pcommon.Value) { v.SetEmptySlice().AppendEmpty().SetEmptyMap().PutStr("k", `"`) }, `{"value":[{"k":"\""}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(func(r plog.LogRecord) { c.set(r.Attributes().PutEmpty(activity.DataKey)) })
			if got := r.Text[row.Data]; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !json.Valid([]byte(r.JSON())) {
				t.Errorf("the row is not JSON: %s", r.JSON())
			}
		})
	}
}

// FuzzLogs feeds arbitrary OTLP bytes: no panic, and data is always JSON.
func FuzzLogs(f *testing.F) {
	ld := plog.NewLogs()
	r := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Attributes().PutStr(activity.ActionTypeKey, "Read")
	r.Attributes().PutEmptyMap(activity.DataKey).PutStr("a", "b\xff\x00")
	seed, _ := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, payload []byte) {
		ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(payload)
		if err != nil {
			return
		}
		identity.StampLogs(ld)
		for _, r := range (&convert.Converter{DataAttributes: []string{"a"}}).Logs(ld).Rows {
			if r.ID.IsZero() || !json.Valid([]byte(r.JSON())) {
				t.Errorf("row %v: %s", r.ID, r.JSON())
			}
		}
	})
}

func BenchmarkLogs(b *testing.B) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for range 1000 {
		r := records.AppendEmpty()
		for _, kv := range [][2]string{
			{activity.IDKey, "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"}, {activity.ActionTypeKey, "Update"},
			{activity.ActorIDKey, "42"}, {activity.ActorNameKey, "alice@example.com"}, {activity.StatusKey, "Success"},
			{activity.ObjectTypeKey, "article"}, {activity.ObjectIDKey, "17"}, {activity.ClientAddressKey, "192.0.2.7"},
		} {
			r.Attributes().PutStr(kv[0], kv[1])
		}
		r.Body().SetStr("alice updated article 17")
	}
	b.ReportAllocs()
	var c convert.Converter
	for b.Loop() {
		c.Release(c.Logs(ld))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
}
