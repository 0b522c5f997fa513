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
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	return []string{r.EventID.String(), at(r.ActionTime), r.ActorID, string(r.ActorType), r.ActorName, r.ImpersonatorID, r.TenantID,
		string(r.ActionType), r.ActionName, string(r.Status), r.ErrorType, r.ObjectType, r.ObjectID, r.ObjectName, r.Remarks,
		string(r.Data), r.ClientAddress, r.UserAgent, r.SessionID, r.ServiceName, r.TraceID, r.SpanID, string(r.Source), at(r.RecordedAt)}
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
