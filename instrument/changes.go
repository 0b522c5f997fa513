package instrument

import (
	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/plain"
)

// Changes are the fields that differ between two values: the path of each, with the value
// before and after. The values are plain, as in the data of an activity: nil, bool, int64,
// float64, string, []byte, []any and map[string]any. A value that did not exist is nil.
type Changes map[string][2]any

// Diff returns what differs between two values of any type, for [Current.SetChanges]:
//
//	old := *order // a copy: maps and slices that are changed in place need one, too
//	order.Address.City = "Berlin"
//	current.SetChanges(instrument.Diff(old, order))
//
// # Paths
//
// Fields have the names of encoding/json; without a json tag, that is the name in Go.
//
//	title               a field
//	address.city        a field of a struct or map within a field
//	tags[3]             an element of a list, counted from 0
//	items[id=7].price   a field of the element whose id is 7
//	labels["my key"]    a member whose name has other characters than letters, digits,
//	                    "_" and "-"; the text is quoted as by strconv.Quote
//	(value)             a value that has no fields, if that is all there is to compare
//
// Elements are found by their id if a field of the struct has the tag `activity:"id"`
// and each element of both lists has an id of its own. Their order is then no change.
// Names and ids of more than 64 bytes are cut and end with a digest. So does a path begin
// that would have more than 190 bytes.
//
// # Tags
//
//	Password string `activity:"-"`     // left out
//	Password string `activity:"mask"`  // "****"; that it changed can be seen
//	Email    string `activity:"hash"`  // "sha256:9f86d081884c7d65"
//	ID       int    `activity:"id"`    // names the element of a list
//
// A hash is the first 8 bytes of the SHA-256 of the text or the bytes, or of the JSON of
// any other value. Equal values have equal hashes, so short or well-known ones can be
// guessed: mask those. Of a masked or hashed value, nil and "" are recorded as they are.
// A word that is not known masks. A field with the tag `json:"-"` is left out, unless it
// has a tag of these, too. Tags hold for [Current.SetData] and [Current.SetChange] as well.
//
// # Values
//
// A value has the form that [Current.SetData] gives it, so that a decimal or a big.Int is
// its text. A struct that has exported fields and a method String is compared by its
// fields nevertheless, unless it also has MarshalText or MarshalJSON. Protobuf messages
// are compared by their exported fields; package protodiff knows more of them. If one of
// the values is nil, all fields of the other one are changes. Lists and maps that are
// empty before or after are one change.
//
// Equal values are no change: times are compared by their instant, numbers by their value,
// nil slices and maps like empty ones. Fields that are not exported are not compared.
//
// # Bounds
//
// At most 200 changes with at most 800 members and 128 KiB of text together are listed. A
// text of more than 4,096 bytes is cut, and its length and digest stand at its end. If
// there are more changes, [activity.MoreChangesKey] has their number. At most 262,144
// values in 16 levels are compared; [activity.NotComparedKey] has the path of the first
// one that was not.
//
// Diff does not fail: a value that cannot be recorded is a text that says so. It must not
// run while the values change.
func Diff(before, after any) Changes { return plain.Diff(before, after) }

// SetChanges records what [Diff] found, in the data under [activity.ChangesKey]. It adds
// to the changes that were recorded before, and replaces those of the same path.
func (c *Current) SetChanges(changes Changes) {
	copied := make(map[string][]any, len(changes))
	for path, change := range changes {
		copied[path] = []any{plain.Of(change[0]), plain.Of(change[1])}
	}
	if len(copied) == 0 {
		return
	}
	c.set(func(a *activity.Activity) {
		all := changesOf(a)
		for path, change := range copied {
			if path == activity.MoreChangesKey {
				change[1] = numberAt(all[path]) + numberAt(change)
			}
			all[path] = change
		}
	})
}

// numberAt returns the number after a change, 0 if there is none.
func numberAt(change any) int64 {
	if pair, ok := change.([]any); ok && len(pair) == 2 {
		n, _ := pair[1].(int64)
		return n
	}
	return 0
}

// changesOf returns the changes in the data of an activity, to be added to.
func changesOf(a *activity.Activity) map[string]any {
	if a.Data == nil {
		a.Data = make(map[string]any)
	}
	changes, ok := a.Data[activity.ChangesKey].(map[string]any)
	if !ok {
		changes = make(map[string]any)
		a.Data[activity.ChangesKey] = changes
	}
	return changes
}
