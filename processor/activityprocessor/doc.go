// Package activityprocessor is the Collector processor "activity". It makes
// the activities that services declare uniform, gives each one its id, and
// derives activities from the plain HTTP server spans of any language.
//
// A span or a log record passes these steps, in this order:
//
//   - derive: a server span that is no activity becomes one if a [rule] says so
//     (traces only);
//   - normalise: texts are trimmed, ids become text, status and action type get
//     their usual spelling, what is missing gets its default;
//   - identify: package identity gives it the id that makes it one row;
//   - drop: what is still no activity is removed.
//
// Read processor.go first, then rule.go and httpserver.go for the derivation
// and normalise.go for the rest.
package activityprocessor
