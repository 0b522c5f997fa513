// Package schematest has the tables of the exporter for tests of what reads them. It
// fills in the exporter's migrations, whose module requires the Collector.
package schematest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// ByMonth is the end of the name of a schema whose table is in partitions of a month.
const ByMonth = "_by_month"

// placeholders of the migrations. The others are what comes after activity_log in the
// name of a table.
var placeholders = map[string]string{
	"table": "activity_log", "index": "activity_log", "name": "activity_log", "database": "currentDatabase()",
	"key": "event_id", "other_key": "action_time", "partition_by": "", "default_partition": "",
	"late": "activity_log", "late_actor": "activity_log_actor_idx", "late_trace": "activity_log_trace_idx",
}

// placeholdersByMonth are those of a table of PostgreSQL in partitions.
var placeholdersByMonth = map[string]string{
	"key": "action_time, event_id", "other_key": "event_id", "partition_by": " PARTITION BY RANGE (action_time)",
	"default_partition": "CREATE TABLE activity_log_default PARTITION OF activity_log DEFAULT;",
}

var (
	placeholder = regexp.MustCompile(`{{(\w+)}}`)
	comment     = regexp.MustCompile(`--[^\n]*`) // which may have a semicolon
)

// Create creates the tables of a schema in a database: "sqlite", "postgres",
// "postgres_by_month", "mysql" or "clickhouse".
func Create(ctx context.Context, db *sql.DB, schema string) error {
	all, err := statements(schema)
	if err != nil {
		return err
	}
	for _, statement := range all {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.300s: %w", statement, err)
		}
	}
	return nil
}

// statements returns the migrations of a schema, filled in.
func statements(schema string) (all []string, err error) {
	_, here, _, _ := runtime.Caller(0)
	name, byMonth := strings.CutSuffix(schema, ByMonth)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "../table/dialect/schema", name, "*.sql"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there are no migrations of %s", schema)
	}
	for _, file := range files {
		text, failed := os.ReadFile(file) //nolint:gosec // one of the exporter
		if failed != nil {
			return nil, failed
		}
		for statement := range strings.SplitSeq(fill(string(text), byMonth), ";") {
			if strings.TrimSpace(statement) != "" {
				all = append(all, statement)
			}
		}
	}
	return all, err
}

func fill(text string, byMonth bool) string {
	return placeholder.ReplaceAllStringFunc(comment.ReplaceAllString(text, ""), func(found string) string {
		name := strings.Trim(found, "{}")
		if value, ok := placeholdersByMonth[name]; ok && byMonth {
			return value
		}
		if value, ok := placeholders[name]; ok {
			return value
		}
		return "activity_log_" + name
	})
}
