package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3/database"
	_ "modernc.org/sqlite" // in place of a cluster

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// TestAwaitOthers has migrations that another collector applies, through another server.
func TestAwaitOthers(t *testing.T) {
	const soon = time.Second
	for name, tt := range map[string]struct {
		member string
		others int // more versions, one each 500 ms
		least  time.Duration
		most   time.Duration
	}{
		"the others end":     {"SELECT 'wsrep_local_index', '1'", 2, soon, 2 * soon},
		"the others stop":    {"SELECT 'wsrep_local_index', '0'", 1, quietTime, quietTime + 2*soon},
		"not in the cluster": {"SELECT 'wsrep_local_index', '18446744073709551615'", 0, 0, soon},
		"no cluster":         {"SELECT 1, 1 WHERE false", 0, 0, soon},
		"no such database":   {"", 0, 0, soon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "versions.db")+"?_pragma=busy_timeout(5000)")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			versions, err := newVersionTable(dialect.SQLite{}, "activity_log")
			if err != nil {
				t.Fatal(err)
			}
			if err := versions.CreateVersionTable(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			if err := versions.Insert(t.Context(), db, database.InsertRequest{Version: 0}); err != nil {
				t.Fatal(err)
			}
			versions.member = tt.member
			began := time.Now()
			done := make(chan error, 1)
			go func() { done <- applySlowly(t.Context(), versions, db, tt.others) }()
			err = versions.awaitOthers(t.Context(), db)
			if took := time.Since(began); err != nil || took < tt.least || took > tt.most {
				t.Errorf("%v after %v; want no error, between %v and %v", err, took, tt.least, tt.most)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// applySlowly notes the last n versions of the schema, or one before the last if n is 1.
func applySlowly(ctx context.Context, versions versionTable, db *sql.DB, n int) error {
	for i := range n {
		time.Sleep(500 * time.Millisecond)
		if err := versions.Insert(ctx, db, database.InsertRequest{Version: versions.newest - 1 + int64(i)}); err != nil {
			return err
		}
	}
	return nil
}
