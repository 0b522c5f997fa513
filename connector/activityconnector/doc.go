// Package activityconnector is the Collector connector "activity". It makes a
// log record of each span that is an activity, for back ends that accept only
// log records. The record has the span's values and its id, so that both give
// the same row if both reach the exporter.
//
// Read connector.go first.
package activityconnector
