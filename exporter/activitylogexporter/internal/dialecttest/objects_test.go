package dialecttest_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

const actsOnArticle18 = `SELECT * FROM activity_log_objects WHERE object_type = 'article' AND object_id = '18' ORDER BY action_time DESC LIMIT 100`

// withObjects returns n rows, of which each hundredth has two objects besides the main one.
func withObjects(n int) []row.Row {
	rows := dialecttest.Rows(n)
	for i := 0; i < n; i += 100 {
		rows[i].Text[row.Data] = fmt.Sprintf(`{"objects":[{"id":"%d","type":"article"},{"id":"5","type":"user"}]}`, 18+i)
	}
	return rows
}

// plan returns how the database executes a query.
func plan(t *testing.T, driver, dsn, explain string) string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.QueryContext(t.Context(), explain)
	if err != nil {
		t.Fatalf("%s: %v", explain, err)
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for result.Next() {
		cells := make([]sql.NullString, len(columns))
		targets := make([]any, len(cells))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := result.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			text.WriteString(cell.String + " | ")
		}
		text.WriteByte('\n')
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s: %v", explain, err)
	}
	return text.String()
}

// What docs/audit/queries.md says to ask PostgreSQL for takes both indexes.
func TestPostgresObjectsIndex(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	for _, partition := range []dialect.Partition{dialect.PartitionNone, dialect.PartitionMonth} {
		dsn := h.New(t)
		s, _ := openWith(t, dialect.Postgres{Partition: partition}, dsn, true)
		if err := s.Write(t.Context(), withObjects(20_000)); err != nil {
			t.Fatal(err)
		}
		if err := s.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		execute(t, dsn, "ANALYZE activity_log")
		got := plan(t, "pgx", dsn, `EXPLAIN SELECT * FROM activity_log WHERE object_type = 'article' AND object_id = '18'
			OR data ? 'objects' AND data -> 'objects' @> '[{"type": "article", "id": "18"}]' ORDER BY action_time DESC LIMIT 100`)
		if strings.Count(got, "Bitmap Index Scan") < 2 || partition == dialect.PartitionNone && !strings.Contains(got, "activity_log_objects_idx") {
			t.Errorf("partitions of a %s:\n%s", partition, got)
		}
		if got := plan(t, "pgx", dsn, "EXPLAIN "+actsOnArticle18); partition == dialect.PartitionNone && !strings.Contains(got, "activity_log_with_objects_idx") {
			t.Errorf("partitions of a %s:\n%s", partition, got)
		}
	}
}

// The view reads no row that has no objects besides the main one.
func TestSQLiteObjectsIndex(t *testing.T) {
	t.Parallel()
	dsn := sqliteHarness().New(t)
	s, _ := openWith(t, dialect.SQLite{}, dsn, true)
	if err := s.Write(t.Context(), withObjects(5000)); err != nil {
		t.Fatal(err)
	}
	got := plan(t, "sqlite", dsn, "EXPLAIN QUERY PLAN "+actsOnArticle18)
	if !strings.Contains(got, "SEARCH activity_log USING INDEX activity_log_object_idx") || !strings.Contains(got, "SCAN activity USING INDEX activity_log_with_objects_idx") {
		t.Errorf("the plan is\n%s", got)
	}
}
