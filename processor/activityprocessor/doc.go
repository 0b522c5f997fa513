// Package activityprocessor is the Collector processor "activity". It makes
// activities of plain spans and log records by rules, makes those uniform that
// services declare, gives each one its id, and keeps as much of them as the rules
// say.
//
// A span or a log record passes these steps, in this order:
//
//   - identify: package identity gives it the id that makes it one row;
//   - normalise: texts are trimmed, ids become text, status and action type get
//     their usual spelling, what is missing gets its default;
//   - rules: the first that matches makes an activity of what is none, with a
//     preset that knows the span, or polices what is one;
//   - drop: what is still no activity is removed.
//
// Read processor.go first, then engine.go, which finds the rule, derive.go and
// police.go, which do what it says, and compile.go, which makes rules of their
// configuration. facts.go reads attributes for rules and presets; each preset
// has a file of its own.
package activityprocessor
