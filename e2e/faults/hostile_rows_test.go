package faults_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// Each of four workers sends 50 records ten times a second: 2,000 a second.
const (
	rowSenders   = 4
	rowsAtOnce   = 50
	betweenThem  = 100 * time.Millisecond
	refusedCheck = "ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (object_type IS DISTINCT FROM 'refused') NOT VALID"
)

// TestHostileRows: one sender whose records are small, many, and such that a
// database does not take them, with an honest one.
func TestHostileRows(t *testing.T) {
	for _, tt := range []struct {
		name, driver, prepare string
		start                 func(*testing.T) collectortest.Config
		record                func(n int) load.List
	}{
		{"rows that PostgreSQL refuses", "pgx", refusedCheck, onPostgres, func(n int) load.List {
			return hostileRow("Update", "refused", fmt.Sprint(n))
		}},
		{"ids of 3,000 characters into PostgreSQL", "pgx", "", onPostgres, func(n int) load.List {
			return hostileRow("Read", "long", fmt.Sprint(n, strings.Repeat("x", 3000)))
		}},
		{"ids of 300 characters into MariaDB", "mysql", "", onMariaDB, func(n int) load.List {
			return hostileRow("Read", "long", fmt.Sprint(n, strings.Repeat("x", 300)))
		}},
		{"empty action types into SQLite", "sqlite", "", onSQLite, func(n int) load.List {
			return hostileRow("", "empty", fmt.Sprint(n))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := fault(t, atDoor, "hostile sender: "+tt.name+", 2,000 a second")
			cfg := tt.start(t)
			c := collectortest.Start(t, cfg)
			db := load.Open(t, tt.driver, cfg.DSN)
			waitForTable(t, c, db)
			if tt.prepare != "" {
				if _, err := db.ExecContext(t.Context(), tt.prepare); err != nil {
					t.Fatal(err)
				}
			}
			var sent atomic.Int64
			withHonestOn(t, o, c, db, tt.driver, rowSenders, betweenThem, func(ctx context.Context, c *collectortest.Collector) error {
				all := make([]load.List, rowsAtOnce)
				for i := range all {
					all[i] = tt.record(int(sent.Add(1)))
				}
				return load.Post(ctx, c.HTTP, "logs", records(all...))
			})
		})
	}
}

func hostileRow(action, objectType, id string) load.List {
	return load.List{load.Text(activity.ActionTypeKey, action), load.Text(activity.ObjectTypeKey, objectType), load.Text(activity.ObjectIDKey, id)}
}

func onPostgres(t *testing.T) collectortest.Config {
	t.Helper()
	return collectortest.Config{Driver: "postgres", DSN: pgtest.Start(t).DSN()}
}

func onMariaDB(t *testing.T) collectortest.Config {
	t.Helper()
	return collectortest.Config{Driver: "mysql", DSN: mariatest.Start(t).DSN()}
}

func onSQLite(t *testing.T) collectortest.Config {
	t.Helper()
	return collectortest.Config{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db")}
}

// waitForTable sends one activity and waits for its row, in a table that the
// collector may not have made yet.
func waitForTable(t *testing.T, c *collectortest.Collector, db *sql.DB) {
	t.Helper()
	mustPost(t, c, "logs", records(load.Attributes(1, "")))
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var n int
		err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM activity_log").Scan(&n)
		if err == nil && n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the first activity is not a row: %d rows, %v", n, err)
		}
	}
}
