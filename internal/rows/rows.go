// Package rows reads the table activity_log, whole rows of it, in the same form
// from each database.
package rows

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/activity"
)

// Row is a row of activity_log by column. A column that is NULL has no entry.
type Row map[string]string

// Columns are the names of all columns of activity_log, in their order.
var Columns = names()

func names() []string {
	var names []string
	for _, c := range activity.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// TimeLayout is the form of action_time and recorded_at in a Row, in UTC.
// SQLite's own clock gives recorded_at to the millisecond only.
const TimeLayout = "2006-01-02 15:04:05.999999"

// expressions are what to select for a column where its text would depend on
// the database.
var expressions = map[string]map[string]string{
	"sqlite": {},
	"postgres": {
		"event_id":    "event_id::text",
		"data":        "data::text",
		"action_time": "to_char(action_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
		"recorded_at": "to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
	},
}

// Read returns all rows in the order of their times. driver is the exporter's
// word for the database: "sqlite" or "postgres".
func Read(ctx context.Context, db *sql.DB, driver string) ([]Row, error) {
	selected := make([]string, len(Columns))
	for i, column := range Columns {
		selected[i] = column
		if expression, ok := expressions[driver][column]; ok {
			selected[i] = expression
		}
	}
	result, err := db.QueryContext(ctx, "SELECT "+strings.Join(selected, ", ")+
		" FROM activity_log ORDER BY activity_log.event_id")
	if err != nil {
		return nil, fmt.Errorf("read activity_log: %w", err)
	}
	defer result.Close()
	var all []Row
	for result.Next() {
		row, err := scan(result)
		if err != nil {
			return nil, fmt.Errorf("read activity_log: %w", err)
		}
		all = append(all, row)
	}
	return all, result.Err()
}

func scan(result *sql.Rows) (Row, error) {
	values := make([]sql.NullString, len(Columns))
	targets := make([]any, len(Columns))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := result.Scan(targets...); err != nil {
		return nil, err
	}
	row := Row{}
	for i, value := range values {
		if value.Valid {
			row[Columns[i]] = value.String
		}
	}
	return row, canonicalData(row)
}

// canonicalData writes the JSON of the column data as encoding/json does, since
// databases differ in spaces and the order of keys.
func canonicalData(row Row) error {
	var data map[string]any
	if err := json.Unmarshal([]byte(row["data"]), &data); err != nil {
		return fmt.Errorf("column data of %s: %w", row["event_id"], err)
	}
	text, err := json.Marshal(data)
	row["data"] = string(text)
	return err
}

// Count returns the number of rows, 0 while there is no table yet.
func Count(ctx context.Context, db *sql.DB) (n int, err error) {
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM activity_log").Scan(&n)
	if err != nil && isMissingTable(err) {
		return 0, nil
	}
	return n, err
}

// isMissingTable knows the words of SQLite and of PostgreSQL.
func isMissingTable(err error) bool {
	return strings.Contains(err.Error(), "no such table") || strings.Contains(err.Error(), "does not exist")
}
