// Package activity is the vocabulary of activitylog: the attribute names that
// make a span or a log record an activity, the values they take, and the
// [ID] that makes one activity one row.
//
// An activity is one action of one actor: who (actor) did what (action) to which
// object, when, from where, and whether it worked (status). A service records
// it as attributes on its span and as one log record. The activitylog exporter
// stores it as one row of the table activity_log.
//
// The package imports only the standard library, so that service-side and
// collector-side code, whose OpenTelemetry versions differ, can share it.
package activity
