package row

import (
	"fmt"

	"github.com/otelactivity/activitylog/activity"
)

// Names are the names of the columns, by the indexes into [Row.Text].
var Names = names()

func names() (names [Columns]string) {
	all := activity.Columns()
	all = all[Before : len(all)-1] // and recorded_at, the database's own
	if len(all) != Columns {
		panic(fmt.Sprintf("row: %d constants for %d columns of activity.Columns", Columns, len(all)))
	}
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// Before is how many columns the table has before those of [Row.Text]: event_id
// and action_time.
const Before = 2
