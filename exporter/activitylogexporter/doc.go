// Package activitylogexporter is a Collector exporter that keeps activities,
// spans and log records with the attribute activity.action.type, as rows of
// the table activity_log in an SQL database: each activity one row, however
// often and by whichever signal it comes.
//
// Read on in config.go (what can be set), exporter.go (what enters the queue),
// database.go (the life of the connection), internal/row (what a row is made
// of), internal/store (how rows are written) and internal/dialect (what each
// database wants).
package activitylogexporter
