package web

import (
	"encoding/json"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// countable are the columns that rows can be counted by.
var countable = func() (names []string) {
	for _, c := range activity.Columns() {
		if c.Kind == activity.ColumnText && c.Name != "remarks" {
			names = append(names, c.Name)
		}
	}
	return names
}()

// columnNames are the columns of the table, in its order.
var columnNames = func() (names []string) {
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
	}
	return names
}()

// record returns the values of a row as text, in the order of the columns.
func record(r *reader.Row) []string {
	texts := make([]string, len(columnNames))
	for i, name := range columnNames {
		switch name {
		case "event_id":
			texts[i] = r.EventID.String()
		case "action_time":
			texts[i] = r.ActionTime.UTC().Format(time.RFC3339Nano)
		case "recorded_at":
			texts[i] = r.RecordedAt.UTC().Format(time.RFC3339Nano)
		case "data":
			texts[i] = string(r.Data)
		default:
			texts[i] = *r.Text(name)
		}
	}
	return texts
}

// fixData makes data JSON, if what somebody wrote there is not: as text, so that it is seen.
func fixData(r *reader.Row) {
	if len(r.Data) == 0 {
		r.Data = json.RawMessage("{}")
		return
	}
	if !json.Valid(r.Data) {
		r.Data, _ = json.Marshal(string(r.Data))
	}
}
