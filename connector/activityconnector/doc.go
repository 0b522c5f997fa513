// Package activityconnector is the Collector connector "activity": it makes a
// log record of each span that is an activity, for pipelines whose back end
// takes logs only. The record says what the span says of the activity, and has
// its id, so that both give the same row when both come to the exporter.
//
// Read connector.go first.
package activityconnector
