package convert_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// dataOf returns the column data of a row.
func dataOf(t *testing.T, r row.Row) (data map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Text[row.Data]), &data); err != nil {
		t.Fatalf("data: %v: %s", err, r.Text[row.Data])
	}
	return data
}

func TestLongIndexedValuesAreCutAndMarked(t *testing.T) {
	for name, c := range map[string]struct{ value, column string }{
		"letters":    {strings.Repeat("x", 300), strings.Repeat("x", 255)},
		"four bytes": {strings.Repeat("🙂", 300), strings.Repeat("🙂", 255)},
		"combining":  {strings.Repeat("e\u0301", 200), strings.Repeat("e\u0301", 127) + "e"},
	} {
		r := record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.ObjectIDKey, c.value) })
		if got := r.Text[row.ObjectID]; got != c.column {
			t.Errorf("%s: object_id has %d characters: %.20q", name, utf8.RuneCountInString(got), got)
		}
		data := dataOf(t, r)
		if cut, _ := data[activity.CutKey].([]any); !slices.Equal(cut, []any{"object_id"}) {
			t.Errorf("%s: data has %v under %s", name, data[activity.CutKey], activity.CutKey)
		}
		if data[activity.ObjectIDKey] != c.value {
			t.Errorf("%s: the whole value is not in data", name)
		}
	}
}

func TestValuesThatFitAreNotCut(t *testing.T) {
	for _, value := range []string{"", "17", strings.Repeat("x", 255), strings.Repeat("🙂", 255)} {
		r := record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.ActorIDKey, value) })
		if r.Text[row.ActorID] != value || r.Text[row.Data] != "{}" {
			t.Errorf("%.20q: got %.20q, data %.100s", value, r.Text[row.ActorID], r.Text[row.Data])
		}
	}
	long := strings.Repeat("x", 10_000) // in no index
	if r := record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.ObjectNameKey, long) }); r.Text[row.ObjectName] != long {
		t.Error("a column without an index was cut")
	}
}

// Two objects whose ids begin alike are told apart by data, however long they are.
func TestCutObjectsAreToldApart(t *testing.T) {
	for _, length := range []int{300, 3000, 30_000} {
		object := func(end string) row.Row {
			return record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.ObjectIDKey, strings.Repeat("x", length)+end) })
		}
		a, b := object("a"), object("b")
		if a.Text[row.ObjectID] != b.Text[row.ObjectID] || a.Text[row.Data] == b.Text[row.Data] {
			t.Errorf("%d characters: data is %.100s and %.100s", length, a.Text[row.Data], b.Text[row.Data])
		}
		if len(a.Text[row.Data]) > 5000 {
			t.Errorf("%d characters: data has %d bytes", length, len(a.Text[row.Data]))
		}
	}
}

func TestWhatWasCutOnTheWayIsListedToo(t *testing.T) {
	for name, put := range map[string]func(plog.LogRecord){
		"attribute": func(r plog.LogRecord) {
			r.Attributes().PutEmptySlice(activity.CutKey).AppendEmpty().SetStr("user_agent")
		},
		"data": func(r plog.LogRecord) {
			r.Attributes().PutEmptyMap(activity.DataKey).PutEmptySlice(activity.CutKey).AppendEmpty().SetStr("user_agent")
		},
	} {
		r := record(func(r plog.LogRecord) {
			put(r)
			r.Attributes().PutStr(activity.ObjectTypeKey, strings.Repeat("x", 256))
		})
		if cut := dataOf(t, r)[activity.CutKey].([]any); !slices.Equal(cut, []any{"object_type", "user_agent"}) {
			t.Errorf("%s: data lists %v", name, cut)
		}
	}
}

func TestBlankActionTypeIsNamedAndCounted(t *testing.T) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, action := range []string{"", " ", "\t\n", "Read"} {
		records.AppendEmpty().Attributes().PutStr(activity.ActionTypeKey, action)
	}
	batch := (&convert.Converter{}).Logs(ld)
	if batch.Unnamed != 3 {
		t.Errorf("%d rows counted as without a name, want 3", batch.Unnamed)
	}
	for i, want := range []string{"Unknown", "Unknown", "Unknown", "Read"} {
		if got := batch.Rows[i].Text[row.ActionType]; got != want {
			t.Errorf("row %d: got %q, want %q", i, got, want)
		}
	}
}
