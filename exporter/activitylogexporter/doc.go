// Package activitylogexporter is the Collector exporter "activitylog". It stores
// each activity as one row of the table activity_log in an SQL database, even if
// it is received several times. Activities are spans and log records with the
// attribute activity.action.type.
//
// Read config.go and settings.go (the settings), exporter.go (what enters the queue),
// database.go (the life of the connection), internal/convert (how a row is made).
// Module internal/table has store (how rows are written), bulk (the bulk protocols) and
// dialect (the SQL and the errors of each database).
package activitylogexporter
