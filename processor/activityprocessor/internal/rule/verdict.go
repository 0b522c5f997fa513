package rule

import "go.opentelemetry.io/collector/pdata/ptrace"

// Verdict is what the rules decided about a record: that it is an activity, or why it is
// not one.
type Verdict int

// The verdicts.
const (
	Kept      Verdict = iota // an activity
	NoRule                   // no rule matches it, or none that derives activities
	NotServer                // the same of a span that is neither a SERVER span nor known to a preset
	NoAction                 // neither rule nor preset knows what was done
	NoActor                  // nobody is known to have done it
	LeftOut                  // its rule has level none
	Unsampled                // a read outside the sample
)

// Dropped reports whether a rule did not keep an activity.
func (v Verdict) Dropped() bool { return v == LeftOut || v == Unsampled }

// unmatched returns the verdict about a record that no rule makes an activity.
func (in *Input[K]) unmatched() Verdict {
	switch {
	case in.Preset != nil, in.Kind == ptrace.SpanKindServer, in.Kind == ptrace.SpanKindUnspecified: // a log record
		return NoRule
	}
	return NotServer
}
