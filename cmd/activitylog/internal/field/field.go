// Package field gives the columns of a row as text.
package field

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// TimeLayout is the form of times for programs, in UTC: RFC 3339 to the microsecond.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

// Func returns the text of a column of a row; "" is NULL.
type Func func(*reader.Row) string

// Of returns the function for a column, or nil if there is no such column.
func Of(column string) Func {
	for _, f := range all {
		if f.column == column {
			return f.text
		}
	}
	return nil
}

// Check returns an error that lists the columns unless all of names are some.
func Check(names []string) error {
	for _, name := range names {
		if Of(name) == nil {
			return fmt.Errorf("must be columns of activity_log: %s; got %.64q", strings.Join(Names(), ", "), name)
		}
	}
	return nil
}

// Names are the names of all columns, in the order of the table.
func Names() (names []string) {
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// Countable are the columns that rows can be counted by.
func Countable() []string {
	return slices.DeleteFunc(Names(), func(name string) bool {
		return slices.Contains([]string{"event_id", "action_time", "data", "remarks", "recorded_at"}, name)
	})
}

var all = []struct {
	column string
	text   Func
}{
	{"event_id", func(r *reader.Row) string { return r.EventID.String() }},
	{"action_time", func(r *reader.Row) string { return Time(r.ActionTime) }},
	{"actor_id", func(r *reader.Row) string { return r.ActorID }},
	{"actor_type", func(r *reader.Row) string { return string(r.ActorType) }},
	{"actor_name", func(r *reader.Row) string { return r.ActorName }},
	{"impersonator_id", func(r *reader.Row) string { return r.ImpersonatorID }},
	{"tenant_id", func(r *reader.Row) string { return r.TenantID }},
	{"action_type", func(r *reader.Row) string { return string(r.ActionType) }},
	{"action_name", func(r *reader.Row) string { return r.ActionName }},
	{"status", func(r *reader.Row) string { return string(r.Status) }},
	{"error_type", func(r *reader.Row) string { return r.ErrorType }},
	{"object_type", func(r *reader.Row) string { return r.ObjectType }},
	{"object_id", func(r *reader.Row) string { return r.ObjectID }},
	{"object_name", func(r *reader.Row) string { return r.ObjectName }},
	{"remarks", func(r *reader.Row) string { return r.Remarks }},
	{"data", func(r *reader.Row) string { return string(r.Data) }},
	{"client_address", func(r *reader.Row) string { return r.ClientAddress }},
	{"user_agent", func(r *reader.Row) string { return r.UserAgent }},
	{"session_id", func(r *reader.Row) string { return r.SessionID }},
	{"service_name", func(r *reader.Row) string { return r.ServiceName }},
	{"trace_id", func(r *reader.Row) string { return r.TraceID }},
	{"span_id", func(r *reader.Row) string { return r.SpanID }},
	{"source", func(r *reader.Row) string { return string(r.Source) }},
	{"recorded_at", func(r *reader.Row) string { return Time(r.RecordedAt) }},
}

// Time writes a time in the form of [TimeLayout]; a zero one is "".
func Time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(TimeLayout)
}
