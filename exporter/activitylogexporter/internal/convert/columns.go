package convert

import (
	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// column returns the index of the column that the attribute key of a record
// holds, or -1. It has no column that needs more than that attribute: event_id,
// data, and service_name, which is the resource's.
func column(key string) int {
	i := activity.ColumnOfKey(key) - row.Before
	if i < 0 || i == row.Data || i == row.ServiceName {
		return -1
	}
	return i
}
