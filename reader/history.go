package reader

import (
	"context"
	"errors"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Act is something that was done to an object, with what it changed.
type Act struct {
	Row
	Changes []Change `json:"changes,omitempty"`
}

// Acts is a part of the history of an object.
type Acts struct {
	Acts []Act `json:"acts"`

	// Next and Previous are like those of [Page].
	Next     Cursor `json:"next,omitempty"`
	Previous Cursor `json:"previous,omitempty"`
}

// HistoryOptions are the options of [Reader.History].
type HistoryOptions struct {
	Paging

	// Query has further conditions. Its Object is not used.
	Query Query

	// Parts adds what was done to objects that belong to the object: those with it as
	// parent in data ([activity.ParentKey]), as parent of the parent, or one further. No
	// index serves this: it looks at all rows between From and To of the query.
	Parts bool
}

// partLevels is how many parents up an object is looked for.
const partLevels = 3

// History returns what was done to an object, which must have type and id.
func (r *Reader) History(ctx context.Context, object Object, o HistoryOptions) (Acts, error) {
	if object.Type == "" || object.ID == "" {
		return Acts{}, errors.New("the object of a history must have a type and an id")
	}
	q := o.Query
	q.Object = object
	if o.Parts {
		q.Object = Object{}
	}
	page, err := r.list(ctx, o.Paging, func(c *conditions) {
		c.query(q)
		if o.Parts {
			c.where(c.partOf(object))
		}
	})
	if err != nil {
		return Acts{}, err
	}
	acts := Acts{Next: page.Next, Previous: page.Previous}
	for _, row := range page.Rows {
		acts.Acts = append(acts.Acts, Act{Row: row, Changes: row.Changes()})
	}
	return acts, nil
}

// partOf returns the condition that a row is about the object, or a part of it.
func (c *conditions) partOf(object Object) string {
	either := []string{"t.object_type = " + c.text(object.Type) + " AND t.object_id = " + c.text(object.ID)}
	var path []string
	for range partLevels {
		path = append(path, activity.ParentKey)
		kind := c.data(append(path[:len(path):len(path)], "type"), object.Type)
		either = append(either, kind+" AND "+c.data(append(path[:len(path):len(path)], "id"), object.ID))
	}
	return "(" + strings.Join(either, " OR ") + ")"
}
