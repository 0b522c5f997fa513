package rule

// Verdict is what a rule decided about a record.
type Verdict int

// The verdicts.
const (
	Other   Verdict = iota // not an activity
	Kept                   // an activity
	Dropped                // an activity that a rule does not keep
)
