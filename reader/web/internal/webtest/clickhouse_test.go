package webtest_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/clickhousetest"
)

func clickhouse(t *testing.T) *database {
	dsn := clickhousetest.Start(t).DSN("default")
	return open(t, "clickhouse", dsn, "clickhouse", dsn)
}

// writeBlock writes rows as ClickHouse takes them.
func (db *database) writeBlock(t *testing.T, columns []string, rows [][]any) {
	t.Helper()
	tx, err := db.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.PrepareContext(t.Context(), "INSERT INTO activity_log_store ("+strings.Join(columns, ", ")+")")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := insert.ExecContext(t.Context(), row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
