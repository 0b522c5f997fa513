package reader

import "github.com/otelactivity/activitylog/activity"

// Text returns the place of a column of text in the row, "actor_id" that of ActorID, or nil
// if no such column is text.
func (r *Row) Text(column string) *string { return r.text(column) }

// ParseID reads a UUID of 36 characters, in small or capital letters. Unlike
// [activity.ParseID] it takes any version: rows that others wrote are read, too.
func ParseID(text string) (activity.ID, error) { return parseID(text) }
