package dialect_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// TestGoldenSchemas compares the DDL of each database with testdata/schema. The tests of
// module reader/drivers, which must not import the exporter, create their tables with
// these files. With UPDATE_GOLDEN=true it writes them again.
func TestGoldenSchemas(t *testing.T) {
	for name, d := range map[string]dialect.Dialect{
		"clickhouse":         dialect.ClickHouse{},
		"mysql":              dialect.MySQL{},
		"postgres":           dialect.Postgres{},
		"postgres_partition": dialect.Postgres{Partition: "month"},
		"sqlite":             dialect.SQLite{},
	} {
		schema := d.Schema("activity_log")
		files, err := fs.Glob(schema, "*.sql")
		if err != nil || len(files) < 4 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		var got []byte
		for _, file := range files {
			text, err := fs.ReadFile(schema, file)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, text...)
		}
		golden := filepath.Join("testdata", "schema", name+".sql")
		if os.Getenv("UPDATE_GOLDEN") == "true" {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("the DDL is not that of %s; run this test with UPDATE_GOLDEN=true", golden)
		}
	}
}
