package store

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3/database"
)

// versionTable is goose's table of versions. It adds version 0 if it is missing:
// some databases commit CREATE TABLE at once, so a first start that was killed can
// leave the table without the version 0 that goose inserts next.
type versionTable struct{ database.Store }

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
		return true, t.Insert(ctx, db, database.InsertRequest{Version: 0})
	}
	return true, nil
}
