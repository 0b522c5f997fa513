package store_test

import (
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

func TestVersionStatements(t *testing.T) {
	for _, d := range []dialect.Dialect{dialect.SQLite{}, dialect.Postgres{}, dialect.MySQL{}, dialect.ClickHouse{}} {
		all, err := store.VersionStatements(d, "audit.activity_log", true, 1, 2)
		if err != nil || len(all) != 4 {
			t.Fatalf("%T: got %q, %v, want four statements", d, all, err)
		}
		if !strings.HasPrefix(all[0], "CREATE TABLE IF NOT EXISTS ") || strings.Count(all[0], "EXISTS") != 1 || !strings.Contains(all[0], "audit.activity_log_schema") {
			t.Errorf("%T: the first statement is %s", d, all[0])
		}
		for version, statement := range all[1:] {
			if !strings.HasPrefix(statement, "INSERT INTO audit.activity_log_schema") || strings.ContainsAny(statement, "?$") ||
				!strings.Contains(statement, []string{"(0, true", "(1, true", "(2, true"}[version]) {
				t.Errorf("%T: version %d is noted by %s", d, version, statement)
			}
		}
		if all, err = store.VersionStatements(d, "activity_log", false); err != nil || len(all) != 0 {
			t.Errorf("%T: got %q, %v for no versions", d, all, err)
		}
		t.Log(all)
	}
}
