package reader

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// TestUnpack: each value comes into its place, and a text that says two things into none.
func TestUnpack(t *testing.T) {
	values := map[string]string{
		"event_id": "01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a", "action_time": "2026-11-26 09:00:00.000001", "recorded_at": "2026-11-26 09:00:01",
		"data": `{"a":"b"}`, "actor_name": "Bob Größer", "remarks": "a\xffb", "status": "Success",
	}
	for name, c := range map[string]struct {
		column, value string
		want          bool
	}{
		"as it is":                   {"actor_id", "7", true},
		"empty data":                 {"data", "", true},
		"separator in a text":        {"remarks", "a" + dialect.Separator + "b", false},
		"separator in data":          {"data", `{"a":"` + dialect.Separator + `"}`, false},
		"a time of another form":     {"action_time", "2026-11-26T09:00:00Z", false},
		"no time":                    {"recorded_at", "", false},
		"an id of another form":      {"event_id", "7", false},
		"signs beside the separator": {"remarks", "\x1e\x00\n\t", true},
	} {
		var parts []string
		for _, column := range packedColumns {
			if column.Name == c.column {
				parts = append(parts, c.value)
			} else {
				parts = append(parts, values[column.Name])
			}
		}
		var row Row
		if got := unpack(strings.Join(parts, dialect.Separator), row.places(packedColumns)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
			continue
		}
		if !c.want {
			continue
		}
		for i, column := range packedColumns {
			if place := row.Text(column.Name); place != nil && *place != parts[i] {
				t.Errorf("%s: %s is %q, want %q", name, column.Name, *place, parts[i])
			}
		}
		if string(row.Data) != parts[len(parts)-1] || row.EventID.IsZero() || row.RecordedAt.Second() != 1 || row.ActionTime.Nanosecond() != 1000 {
			t.Errorf("%s: got %+v", name, row)
		}
	}
	if n := len(packedColumns); n != len(activity.Columns()) || packedColumns[n-1].Name != "data" {
		t.Errorf("%d columns, the last is %s", n, packedColumns[n-1].Name)
	}
}
