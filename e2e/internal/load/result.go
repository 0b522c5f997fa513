package load

import "time"

// Result compares what a collector acknowledged with the rows.
type Result struct {
	Acknowledged int           // records
	Rows         int           // of all records, also of those whose answer did not come
	Distinct     int           // of [Bulk]: different ids among the rows
	Lost         int           // records that were acknowledged and have no row
	Doubled      int           // records with more than one row
	Complete     time.Time     // when the last row was seen, or the wait ended
	Latest       time.Duration // from an activity of [Honest] to its row, the longest; 0 for [Load]
}

// patience is how long no row may come, before those that are missing are lost: a busy machine
// is slow, and loses nothing.
const patience = 60 * time.Second

// Await compares until no record is lost, or until no row has come for a minute, and returns the
// last result.
func Await(compare func() Result) Result {
	result := compare()
	fewest, since := result.Lost, time.Now()
	for result.Lost > 0 && time.Since(since) < patience {
		time.Sleep(200 * time.Millisecond)
		if result = compare(); result.Lost < fewest {
			fewest, since = result.Lost, time.Now()
		}
	}
	return result
}
