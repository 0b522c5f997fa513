package feed

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// DefaultColumns returns the columns that are shown unless [WithColumns] says otherwise:
// event_id, action_time, actor_id, actor_type, actor_name, action_type, status, object_type,
// object_id and object_name. Not among them are addresses, user agents, sessions, traces,
// names of services, remarks, and what only developers understand.
func DefaultColumns() []string {
	return []string{"event_id", "action_time", "actor_id", "actor_type", "actor_name", "action_type", "status", "object_type", "object_id", "object_name"}
}

// always are the columns that cannot be hidden: a cursor has them in it.
var always = []string{"event_id", "action_time"}

// searched are the columns that the parameter text searches.
var searched = []string{"remarks", "actor_name", "action_name", "object_name"}

// shown is what a request may see of a row in its scope.
type shown struct {
	columns []string // in the order of the table
	data    []string // keys of the column data, sorted
}

// newShown checks names of columns and keys of data.
func newShown(columns, data []string) (shown, error) {
	var s shown
	for _, name := range columns {
		if name == "data" {
			return s, fmt.Errorf("show columns: data is shown by its keys, see feed.WithData")
		}
		if !slices.ContainsFunc(activity.Columns(), func(c activity.Column) bool { return c.Name == name }) {
			return s, fmt.Errorf("show columns: activity_log has no column %.64q", name)
		}
	}
	if slices.Contains(data, "") {
		return s, fmt.Errorf("show keys of data: a key is empty")
	}
	for _, c := range activity.Columns() {
		if slices.Contains(always, c.Name) || slices.Contains(columns, c.Name) {
			s.columns = append(s.columns, c.Name)
		}
	}
	s.data = slices.Compact(slices.Sorted(slices.Values(data)))
	return s, nil
}

// has reports whether a column is shown.
func (s shown) has(column string) bool { return slices.Contains(s.columns, column) }

// Entry is one activity, as a customer may see it. Columns that are not shown are empty.
type Entry struct {
	reader.Row

	// Impersonated says that somebody else used the actor's account, whether or not
	// the column impersonator_id is shown.
	Impersonated bool

	// Changes are the changed fields, if [WithData] shows [activity.ChangesKey]. They are not
	// in Data then.
	Changes []reader.Change
}

// entry returns what is shown of a row: a new Row with those columns only.
func (s shown) entry(row reader.Row) Entry {
	e := Entry{Impersonated: row.ImpersonatorID != ""}
	e.Data = s.members(row.Data)
	if slices.Contains(s.data, activity.ChangesKey) {
		e.Changes = row.Changes()
	}
	for _, name := range s.columns {
		switch name {
		case "event_id":
			e.EventID = row.EventID
		case "action_time":
			e.ActionTime = row.ActionTime
		case "recorded_at":
			e.RecordedAt = row.RecordedAt
		default:
			*e.Text(name) = *row.Text(name)
		}
	}
	return e
}

// members returns the members of data that are shown, but changes, as JSON that can be put
// into HTML. It is nil if there are none.
func (s shown) members(data json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	if len(s.data) == 0 || len(s.data) == 1 && s.data[0] == activity.ChangesKey || json.Unmarshal(data, &all) != nil {
		return nil
	}
	kept := []byte{'{'}
	for _, key := range s.data {
		value, ok := all[key]
		if !ok || key == activity.ChangesKey {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil // it was just read
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(append(appendText(kept, key), ':'), text...)
	}
	if len(kept) == 1 {
		return nil
	}
	return append(kept, '}')
}

// value returns the text of a column, with times in RFC 3339. Empty is NULL.
func (e *Entry) value(column string, zone *time.Location) string {
	switch column {
	case "event_id":
		return e.EventID.String()
	case "action_time":
		return e.ActionTime.In(zone).Format(time.RFC3339Nano)
	case "recorded_at":
		return e.RecordedAt.In(zone).Format(time.RFC3339Nano)
	}
	return strings.ToValidUTF8(*e.Text(column), "\ufffd")
}
