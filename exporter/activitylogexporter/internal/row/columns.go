package row

import (
	"fmt"

	"github.com/otelactivity/activitylog/activity"
)

// Names are the names of the columns, by the indexes into [Row.Text].
var Names = names()

func names() (names [Columns]string) {
	all := activity.Columns()
	all = all[before : len(all)-1] // and recorded_at, the database's own
	if len(all) != Columns {
		panic(fmt.Sprintf("row: %d constants for %d columns of activity.Columns", Columns, len(all)))
	}
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// column returns the index of the column that the attribute key of a record
// holds, or -1. It has no column that needs more than that attribute: event_id,
// data, and service_name, which is the resource's.
func column(key string) int {
	i := activity.ColumnOfKey(key) - before
	if i < 0 || i == Data || i == ServiceName {
		return -1
	}
	return i
}

// before is how many columns the table has before those of [Row.Text]: event_id
// and action_time.
const before = 2
