// Package schema has the JSON Schemas (2020-12) of what comes out of activity_log: of a row, and
// of a line of "activitylog export --format jsonl". They are for programs that take rows, in any
// language: the files are row.schema.json and export.schema.json.
package schema

import _ "embed" // the files

//go:embed row.schema.json
var row string

//go:embed export.schema.json
var export string

// The ids of the schemas. The one of exports refers to the one of rows by it. Nothing is
// served there.
const (
	RowID    = "https://github.com/otelactivity/activitylog/schema/row.schema.json"
	ExportID = "https://github.com/otelactivity/activitylog/schema/export.schema.json"
)

// Row returns the schema of a row, with all columns, as JSON.
func Row() string { return row }

// Export returns the schema of a line of an export, as JSON. A validator must know the schema
// of rows too.
func Export() string { return export }
