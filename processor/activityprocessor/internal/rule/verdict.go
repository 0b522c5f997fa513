package rule

// Verdict is what a rule decided about a record.
type Verdict int

// The verdicts.
const (
	Other   Verdict = iota // it is not an activity
	Kept                   // it is an activity
	Dropped                // a rule does not keep it as an activity
)
