package reader

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Change is a field that an activity changed.
type Change struct {
	Field  string          `json:"field"`  // a path, "address.city" or "items[id=7].price"
	Before json.RawMessage `json:"before"` // JSON; null if the field was not there
	After  json.RawMessage `json:"after"`
}

// Changes returns what data says that the activity changed, in the order of the fields'
// names. It is empty if data says nothing, or something of another form. The members
// [activity.MoreChangesKey] and [activity.NotComparedKey], which are no fields, are among
// them.
func (r *Row) Changes() []Change {
	var data map[string]json.RawMessage
	if json.Unmarshal(r.Data, &data) != nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data[activity.ChangesKey], &fields) != nil {
		return nil
	}
	var changes []Change
	for field, text := range fields {
		var pair []json.RawMessage
		if json.Unmarshal(text, &pair) == nil && len(pair) == 2 {
			changes = append(changes, Change{Field: field, Before: pair[0], After: pair[1]})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Field, b.Field) })
	return changes
}
