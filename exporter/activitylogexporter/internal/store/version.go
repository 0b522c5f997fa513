package store

import (
	"context"
	"errors"

	"github.com/pressly/goose/v3/database"
)

// versionTable is goose's table of versions, mended where the first start was
// killed in the middle: some databases commit CREATE TABLE at once, and a table
// without the version 0, which goose inserts next, would be an error for ever.
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
