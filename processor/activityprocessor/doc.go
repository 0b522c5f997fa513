// Package activityprocessor is the Collector processor "activity". It derives
// activities from plain spans and log records by rules, normalises those that
// services declare, gives each one its id, and keeps as much of them as the rules
// say.
//
// A span or a log record passes these steps, in this order:
//
//   - identify: package identity gives an activity the id that makes it one row;
//   - normalise: texts are trimmed, ids become text, status and action type get
//     their usual spelling, what is missing gets its default;
//   - rules: the first that matches derives an activity from a record that is not
//     one, with a preset that knows the span, or changes an activity;
//   - drop: a record that is still not an activity is removed.
//
// traces.go and logs.go walk through these steps. The work is done in the packages
// below, of which each imports only those after it: internal/rule finds a rule and
// does what it says, internal/preset derives an activity from a record, and
// internal/record reads records. Beside them stand internal/redact, lookup, join,
// declared, limit and sender, which do not import each other.
package activityprocessor
