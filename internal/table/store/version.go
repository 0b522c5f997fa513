package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// versionTable is goose's table of versions. It adds version 0 if it is missing:
// some databases commit CREATE TABLE at once, so a first start that was killed can
// leave the table without the version 0 that goose inserts next.
type versionTable struct {
	database.Store
	member string // the query of [dialect.Clustered]; "" if the dialect is none
	newest int64  // version of the migrations
}

// newVersionTable returns the table of versions of a table.
func newVersionTable(d dialect.Dialect, table string) (t versionTable, err error) {
	if clustered, ok := d.(dialect.Clustered); ok {
		t.member = clustered.Member()
	}
	if t.newest, err = newest(d.Schema(table)); err != nil {
		return t, err
	}
	if querier, ok := d.(dialect.Querier); ok {
		t.Store, err = database.NewStoreFromQuerier(dialect.SchemaTable(table), querier)
		return t, err
	}
	t.Store, err = database.NewStore(database.Dialect(d.Goose()), dialect.SchemaTable(table))
	return t, err
}

// newest returns the highest version among the files of migrations.
func newest(migrations fs.FS) (version int64, err error) {
	files, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		n, err := goose.NumericComponent(file)
		if err != nil {
			return 0, fmt.Errorf("read the version of a migration: %w", err)
		}
		version = max(version, n)
	}
	return version, nil
}

// TableExists implements goose's database.StoreExtender.
func (t versionTable) TableExists(ctx context.Context, db database.DBTxConn) (bool, error) {
	inner, ok := t.Store.(database.StoreExtender)
	if !ok {
		return false, errors.ErrUnsupported
	}
	exists, err := inner.TableExists(ctx, db)
	if err != nil || !exists {
		return exists, err
	}
	if _, err := t.GetMigration(ctx, db, 0); errors.Is(err, database.ErrVersionNotFound) {
		if err := t.Insert(ctx, db, database.InsertRequest{Version: 0}); err != nil {
			return true, err
		}
	}
	return true, t.awaitOthers(ctx, db)
}

// awaitOthers waits while a collector applies the migrations through another server of the
// same cluster, which the lock does not keep out. Without that, a view that both create
// blocks a node of Galera until it is started again: MariaDB locks the view before the order
// of both statements is known.
func (t versionTable) awaitOthers(ctx context.Context, db database.DBTxConn) error {
	if t.member == "" {
		return nil
	}
	var quiet time.Duration // after which nobody is at it
	for last, since := int64(-1), time.Now(); ; {
		version, err := t.GetLatestVersion(ctx, db)
		if err != nil || version >= t.newest {
			return err
		}
		if quiet == 0 {
			var name string
			var number uint16
			if err := db.QueryRowContext(ctx, t.member).Scan(&name, &number); err != nil {
				return nil //nolint:nilerr // no cluster, or the server is not in one now
			}
			quiet = time.Duration(number+1) * quietTime
		}
		if version != last {
			last, since = version, time.Now()
		}
		if time.Since(since) > quiet {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for a collector that applies migrations through another server: %w", context.Cause(ctx))
		case <-time.After(lockPause):
		}
	}
}

// quietTime is how long no version may come until a collector on the first server of a
// cluster applies the rest. One on the second server waits twice as long, so that not two of
// them begin at once.
const quietTime = 3 * time.Second
