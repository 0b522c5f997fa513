package reader

import (
	"database/sql"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// TestColumns compares the fields of Row with the columns of the table.
func TestColumns(t *testing.T) {
	var fields, names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Row]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	texts := map[activity.ColumnKind]string{
		activity.ColumnText: "a text", activity.ColumnID: "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a",
		activity.ColumnTime: "2026-11-26 12:39:02.076419", activity.ColumnJSON: `{"a":1}`,
	}
	for i, c := range activity.Columns() {
		names = append(names, c.Name)
		var row Row
		if err := scanInto(&row, i, texts[c.Kind]); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		text, err := json.Marshal(row)
		if err != nil {
			continue // without data
		}
		var set map[string]any
		if err := json.Unmarshal(text, &set); err != nil || set[c.Name] == nil {
			t.Errorf("%s is not set: %s, %v", c.Name, text, err)
		}
	}
	if !slices.Equal(fields, names) {
		t.Errorf("Row has\n%q, want\n%q", fields, names)
	}
}

// scanInto gives a column of a row what a driver has for it.
func scanInto(row *Row, column int, value any) error {
	return row.places(columns)[column].(sql.Scanner).Scan(value)
}

// TestPlaces: drivers have text, bytes, times and UUIDs, and NULL.
func TestPlaces(t *testing.T) {
	index := func(name string) int {
		return slices.IndexFunc(activity.Columns(), func(c activity.Column) bool { return c.Name == name })
	}
	id, err := ParseID("01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 12, 39, 2, 76419000, time.UTC)
	want := Row{EventID: id, ActionTime: at, ActorID: "a", Data: json.RawMessage(`{}`), RecordedAt: at}
	for name, values := range map[string][]any{
		"text":  {id.String(), "2026-11-26 12:39:02.076419", "a", "{}", "2026-11-26 12:39:02.076419000"},
		"bytes": {[]byte(id.String()), []byte("2026-11-26 12:39:02.076419"), []byte("a"), []byte("{}"), []byte("2026-11-26 12:39:02.076419")},
		"types": {[16]byte(id), at.In(time.FixedZone("", 3600)), "a", "{}", at},
	} {
		var row Row
		for i, column := range []string{"event_id", "action_time", "actor_id", "data", "recorded_at"} {
			if err := errors.Join(scanInto(&row, index(column), nil), scanInto(&row, index(column), values[i])); err != nil {
				t.Errorf("%s, %s: %v", name, column, err)
			}
		}
		if !reflect.DeepEqual(row, want) {
			t.Errorf("%s: got %+v, want %+v", name, row, want)
		}
	}
	for _, c := range []struct {
		column string
		value  any
	}{
		{"event_id", "01a217dd"}, {"event_id", "01a217dd-cebc-76b5-a5a2-fbb4d0dadbzz"}, {"event_id", "01a217dd_cebc-76b5-a5a2-fbb4d0dadb8a"},
		{"event_id", 1}, {"action_time", "yesterday"}, {"action_time", int64(1)}, {"recorded_at", ""}, {"actor_id", 1}, {"data", true},
		{"action_time", "2026-02-30 00:00:00.000000"}, {"action_time", "2026-11-26 24:00:00.000000"}, {"action_time", "2026-11-26 12:39:0x.076419"},
	} {
		if err := scanInto(&Row{}, index(c.column), c.value); err == nil {
			t.Errorf("%s = %v: no error", c.column, c.value)
		}
	}
}

// TestQuickTime compares it with package time.
func TestQuickTime(t *testing.T) {
	same := func(micros int64) bool {
		at := time.UnixMicro(micros % (200_000_000_000 * 1_000_000)).UTC()
		text := at.Format("2006-01-02 15:04:05.000000")
		got, ok := quickTime(text)
		return at.Year() < 0 || at.Year() > 9999 || ok && got.Equal(at)
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"2026-11-02 09:00:00", "2026-11-02 09:00:00.5", "2026-11-02T09:00:00.000000"} {
		if _, ok := quickTime(text); ok {
			t.Errorf("%s is quick", text)
		}
	}
}

// A cursor brings back its place and direction, also for a time that is not the one of
// the id.
func TestCursor(t *testing.T) {
	same := func(id activity.ID, micros uint32, older bool) bool {
		p := position{micros: int64(micros) * 1_000_000, id: id}
		got, direction, err := p.cursor(older).parse()
		return err == nil && got == p && direction == older
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	far := position{micros: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()}
	if err := far.cursor(true).Check(); !errors.Is(err, ErrCursor) {
		t.Error("a time that databases cannot read: no error")
	}
}

func TestChanges(t *testing.T) {
	for data, want := range map[string]string{
		`{"changes":{"b":[1,null],"a":["x","y"]}}`:  `[{"field":"a","before":"x","after":"y"},{"field":"b","before":1,"after":null}]`,
		`{"changes":{"a":[1],"b":"x","c":[1,2,3]}}`: `null`,
		`{"changes":[1,2]}`:                         `null`,
		`{}`:                                        `null`,
		`[]`:                                        `null`,
		``:                                          `null`,
	} {
		row := Row{Data: json.RawMessage(data)}
		if got, err := json.Marshal(row.Changes()); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", data, got, err, want)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	late := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, q := range map[string]Query{
		"year 10000": {From: late}, "to": {To: late}, "NUL": {Actor: "\x00"}, "UTF-8": {Text: "\xff"},
		"no path": {Data: []DataValue{{Value: "x"}}}, "empty key": {Data: []DataValue{{Path: []string{""}}}},
		"quote": {Data: []DataValue{{Path: []string{"a", `b"`}}}}, "backslash": {Data: []DataValue{{Path: []string{`\`}}}},
	} {
		c := conditions{dialect: dialect.SQLite{}}
		if c.query(q); c.err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzQuery: the text of a statement depends on which conditions there are, and not on
// their values. So no value can become SQL.
func FuzzQuery(f *testing.F) {
	for _, value := range []string{"alice", "'; DROP TABLE activity_log; --", `\' OR 1=1`, "?", "$1", "{a:String}", "%_!", "Login Failed", "\x00", "😀"} {
		f.Add(value, value)
	}
	f.Fuzz(func(t *testing.T, value, key string) {
		if value == "" || key == "" || value == string(activity.ActionLoginFailed) {
			return
		}
		for _, name := range []string{"sqlite", "postgres", "mysql", "clickhouse"} {
			got, want := statementWith(name, value, key), statementWith(name, "x", "k")
			if got.err == nil && got.text != want.text {
				t.Errorf("%s: the text changes with the value %q:\n%s\n%s", name, value, got.text, want.text)
			}
			if got.err == nil && len(got.args) != len(want.args) {
				t.Errorf("%s: %d arguments, want %d", name, len(got.args), len(want.args))
			}
		}
	})
}

type statement struct {
	text string
	args []any
	err  error
}

// statementWith returns the statement of a query with all conditions.
func statementWith(name, value, key string) statement {
	r := &Reader{dialect: dialect.For(name), table: "activity_log", columns: "*"}
	c := &conditions{dialect: r.dialect}
	c.query(Query{
		ID: activity.ID{1}, From: time.Unix(0, 0), To: time.Unix(1, 0),
		Actor: value, ActorType: activity.ActorType(value), Tenant: value, Impersonator: value, ActionType: activity.ActionType(value),
		ActionName: value, Status: activity.Status(value), ErrorType: value, Object: Object{Type: value, ID: value}, Service: value,
		Trace: value, Session: value, Address: value, Source: activity.Source(value), Text: value,
		Data: []DataValue{{Path: []string{key, key}, Value: value}},
	})
	c.past(position{}, true)
	c.where(c.partOf(Object{Type: value, ID: value}))
	return statement{r.statement(c, true, 10), c.args, c.err}
}
