package dialect_test

import (
	"testing"
	"testing/fstest"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func TestSchemasAreFileSystems(t *testing.T) {
	for _, d := range []dialect.Dialect{dialect.Postgres{}, dialect.MySQL{}, dialect.SQLite{}, dialect.ClickHouse{}, dialect.ClickHouse{Cluster: "main"}} {
		if err := fstest.TestFS(d.Schema("audit.activity_log"), "00001_activity_log.sql", "00002_views.sql", "00003_login_attempts.sql", "00004_folded_logins.sql", "00005_objects.sql", "00006_tenant_index.sql", "00007_session_indexes.sql", "00008_counts.sql"); err != nil {
			t.Errorf("%T: %v", d, err)
		}
	}
}
