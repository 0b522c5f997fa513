package field

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// filled is a row that has another value in each column.
func filled(t *testing.T) reader.Row {
	t.Helper()
	var row reader.Row
	v := reflect.ValueOf(&row).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		switch f := v.Field(i); f.Interface().(type) {
		case activity.ID:
			f.Set(reflect.ValueOf(activity.HashID(time.Unix(1e9, 0), nil)))
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 11, i, 9, 0, 0, 1000, time.FixedZone("", 3600))))
		case json.RawMessage:
			f.SetBytes([]byte(`{"a": 1}`))
		default:
			f.SetString("value of " + name)
		}
	}
	return row
}

// TestOf: there is a function for each column, and it returns the column's value.
func TestOf(t *testing.T) {
	row := filled(t)
	for i, name := range Names() {
		f := Of(name)
		if f == nil {
			t.Errorf("%s has no function", name)
			continue
		}
		want := "value of " + name
		switch name {
		case "event_id":
			want = row.EventID.String()
		case "action_time":
			want = "2026-11-01T08:00:00.000001Z"
		case "recorded_at":
			want = "2026-11-23T08:00:00.000001Z"
		case "data":
			want = `{"a": 1}`
		}
		if got := f(&row); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if all[i].column != name {
			t.Errorf("column %d is %s, want %s", i, all[i].column, name)
		}
	}
	if len(all) != len(Names()) || Of("ID") != nil {
		t.Errorf("got %d columns", len(all))
	}
	if Time(time.Time{}) != "" {
		t.Error("a zero time is not empty")
	}
}

func TestCheck(t *testing.T) {
	if err := Check([]string{"data", "actor_id"}); err != nil {
		t.Error(err)
	}
	if err := Check([]string{"data", "actor"}); err == nil || !strings.Contains(err.Error(), `got "actor"`) || !strings.Contains(err.Error(), "recorded_at") {
		t.Errorf("got %v", err)
	}
}

// TestCountable compares the list with the kinds of columns.
func TestCountable(t *testing.T) {
	var want []string
	for _, c := range activity.Columns() {
		if c.Kind == activity.ColumnText && c.Name != "remarks" {
			want = append(want, c.Name)
		}
	}
	if got := Countable(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestObject(t *testing.T) {
	row := reader.Row{ActorName: `a "b" <c>`, Data: json.RawMessage(`{"a": [1,  2]}`)}
	for columns, want := range map[string]string{
		"actor_name,data":      `{"actor_name":"a \"b\" <c>","data":{"a":[1,2]}}`,
		"actor_id,recorded_at": `{"actor_id":null,"recorded_at":null}`,
	} {
		if got, err := Object(&row, strings.Split(columns, ",")); err != nil || string(got) != want+"\n" {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	row.Data = json.RawMessage("{\x1b")
	if got, err := Object(&row, []string{"data"}); err != nil || string(got) != `{"data":"{\u001b"}`+"\n" {
		t.Errorf("data that is no JSON: got %s, %v", got, err)
	}
	row.Data = nil
	if got, err := Object(&row, []string{"data"}); err != nil || string(got) != `{"data":null}`+"\n" {
		t.Errorf("no data: got %s, %v", got, err)
	}
}
