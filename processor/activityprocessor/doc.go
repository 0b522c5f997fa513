// Package activityprocessor is the Collector processor "activity". It derives
// activities from plain spans and log records by rules, normalises those that
// services declare, and gives each one its id. Rules also say which are kept.
//
// A span or a log record passes these steps, in this order:
//
//   - identify: package identity gives an activity the id that makes it one row;
//   - normalise: texts are trimmed, ids become text, status and action type get
//     their usual spelling, missing values get their default;
//   - rules: the first that matches derives an activity from a record that is not
//     one, with a preset that knows the span, or changes an activity;
//   - drop: a record that is still not an activity is removed.
//
// traces.go and logs.go run these steps. Each of these packages imports only those
// after it: internal/rule finds and applies a rule, internal/preset derives an activity
// from a record, and internal/record reads records. The packages internal/redact,
// lookup, join, declared, limit and sender do not import each other.
package activityprocessor
