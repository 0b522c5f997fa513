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
		dialect       dialect.Dialect
		loads, blocks bool
	}{
		"PostgreSQL":                {dialect.Postgres{}, true, false},
		"MySQL":                     {dialect.MySQL{}, true, false},
		"ClickHouse":                {dialect.ClickHouse{}, false, true},
		"a dialect made of another": {changedClickHouse{}, false, true},
		"SQLite":                    {dialect.SQLite{}, false, false},
	} {
		if loads := bulk.LoaderOf(c.dialect) != nil; loads != c.loads {
			t.Errorf("%s has a loader: %v, want %v", name, loads, c.loads)
		}
		if blocks := bulk.BlocksOf(c.dialect, "activity_log") != nil; blocks != c.blocks {
			t.Errorf("%s has blocks: %v, want %v", name, blocks, c.blocks)
		}
	}
}
