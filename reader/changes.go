package reader

import (
	"bytes"
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

// OtherData returns the members of data without what [Row.Changes] returns. Members of
// changes that have another form than that stay, so that what shows both leaves out
// nothing. It reports false if data is no JSON object.
func (r *Row) OtherData() (members map[string]json.RawMessage, ok bool) {
	if json.Unmarshal(r.Data, &members) != nil || members == nil {
		return nil, false
	}
	shown := r.Changes()
	if len(shown) == 0 {
		return members, true
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(members[activity.ChangesKey], &fields) // as Changes did
	for _, change := range shown {
		delete(fields, change.Field)
	}
	delete(members, activity.ChangesKey)
	if len(fields) > 0 {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(fields) // of what was decoded
		members[activity.ChangesKey] = bytes.TrimSpace(text.Bytes())
	}
	return members, true
}
