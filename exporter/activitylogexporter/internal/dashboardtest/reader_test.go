package dashboardtest_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestReader makes the account of docs/audit/grafana.md, and asks all as that.
func TestReader(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(dashboardtest.Folder, "../docs/audit/grafana.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, statements, _ := strings.Cut(string(text), "```sql\n")
	statements, _, _ = strings.Cut(statements, "```")
	database := dashboardtest.Databases["postgres"](t)
	if _, err := database.DB.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s\n%v", statements, err)
	}
	reader, err := sql.Open("pgx", strings.Replace(database.DSN, "activity:"+pgtest.Password, "grafana:change-me", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	panels, err := dashboardtest.Panels("postgres")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range panels {
		ask(t, reader, "postgres", view, p.SQL())
	}
	if _, err := reader.ExecContext(t.Context(), "DELETE FROM activity_log"); err == nil {
		t.Error("the account may delete")
	}
}
