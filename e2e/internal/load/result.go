package load

import "time"

// Result compares what a collector acknowledged with the rows.
type Result struct {
	Acknowledged int           // records
	Rows         int           // of all records, also of those whose answer did not come
	Lost         int           // records that were acknowledged and have no row
	Doubled      int           // records with more than one row
	Complete     time.Time     // when the last row was seen, or the wait ended
	Latest       time.Duration // from an activity of [Honest] to its row, the longest; 0 for [Load]
}
