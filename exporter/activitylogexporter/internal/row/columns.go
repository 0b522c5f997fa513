package row

import (
	"fmt"

	"github.com/otelactivity/activitylog/activity"
)

// Names are the names of the columns, by the indexes into [Row.Text].
var Names = names()

func names() (names [Columns]string) {
	i := 0
	for _, c := range activity.Columns() {
		if !isText(c) {
			continue
		}
		if i < Columns {
			names[i] = c.Name
		}
		i++
	}
	if i != Columns {
		panic(fmt.Sprintf("row: %d constants for %d columns of activity.Columns", Columns, i))
	}
	return names
}

// isText reports whether the column is in [Row.Text]. The others are the id, the
// time in it, and the database's clock.
func isText(c activity.Column) bool {
	return c.Kind == activity.ColumnText || c.Kind == activity.ColumnJSON
}

// keyIndex finds columns by the attributes that hold them, faster than a map.
type keyIndex [64][]keyColumn

type keyColumn struct {
	key    string
	column int
}

var byKey = newKeyIndex()

// newKeyIndex has no column that needs more than the record's attribute: data,
// and service_name, which is the resource's.
func newKeyIndex() (x keyIndex) {
	i := 0
	for _, c := range activity.Columns() {
		if !isText(c) {
			continue
		}
		if c.Key != "" && i != Data && i != ServiceName {
			h := hashKey(c.Key)
			x[h] = append(x[h], keyColumn{c.Key, i})
		}
		i++
	}
	return x
}

func hashKey(key string) int {
	n := len(key)
	if n < 10 {
		return n
	}
	return (n + int(key[n-1])*7 + int(key[9])*3) % len(keyIndex{})
}

// column returns the index of the column that holds the attribute key, or -1.
func column(key string) int {
	for _, k := range byKey[hashKey(key)] {
		if k.key == key {
			return k.column
		}
	}
	return -1
}
