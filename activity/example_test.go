package activity_test

import (
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// An id holds the time of its activity, to the microsecond.
func ExampleID() {
	id := activity.NewIDAt(time.Date(2026, 11, 26, 12, 0, 0, 123456000, time.UTC))
	fmt.Println(id.Time().UTC())

	parsed, err := activity.ParseID(id.String())
	fmt.Println(parsed == id, err)

	_, err = activity.ParseID("17")
	fmt.Println(err)
	// Output:
	// 2026-11-26 12:00:00.123456 +0000 UTC
	// true <nil>
	// parse activity id "17": not a UUID of 36 characters
}

// A job that imports records of another system makes the same id for the same
// record, however often it runs. The second run adds no row.
func ExampleHashID() {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	first := activity.HashID(at, []byte("legacy-audit 4711"))
	again := activity.HashID(at, []byte("legacy-audit 4711"))
	other := activity.HashID(at, []byte("legacy-audit 4712"))
	fmt.Println(first == again, first == other)
	// Output: true false
}
