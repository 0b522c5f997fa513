package bulk_test

import (
	"testing"

	"github.com/otelactivity/activitylog/internal/table/bulk"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// changedClickHouse is a dialect made from another, as the tests of an old server have.
type changedClickHouse struct{ dialect.ClickHouse }

func TestLoaderOf(t *testing.T) {
	for name, c := range map[string]struct {
		dialect dialect.Dialect
		loads   bool
	}{
		"PostgreSQL":                {dialect.Postgres{}, true},
		"MySQL":                     {dialect.MySQL{}, true},
		"ClickHouse":                {dialect.ClickHouse{}, true},
		"a dialect made of another": {changedClickHouse{}, true},
		"SQLite":                    {dialect.SQLite{}, false},
	} {
		if loads := bulk.LoaderOf(c.dialect) != nil; loads != c.loads {
			t.Errorf("%s has a loader: %v, want %v", name, loads, c.loads)
		}
	}
}
