package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// locked does something while it holds the lock of the table, if the dialect has
// one, so that collectors do it one after the other.
//
// The lock has a connection of its own, beside the pool, which may be of a single
// one; and a transaction, with which it ends whatever happens: a pooler between us
// and the database may give the session to somebody else, but not within that.
func (s *Store) locked(ctx context.Context, do func(context.Context) error) error {
	locker, ok := s.cfg.Dialect.(dialect.Locker)
	if !ok {
		return do(ctx)
	}
	db, err := sql.Open(s.cfg.Dialect.Driver(), s.dsn)
	if err != nil {
		return fmt.Errorf("open database for the lock: %w", withoutDSN(err, s.dsn))
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin for the lock: %w", withoutDSN(err, s.dsn))
	}
	defer func() { _ = tx.Rollback() }()
	lock, unlock := locker.Lock(s.cfg.Table)
	if _, err := tx.ExecContext(ctx, lock); err != nil {
		return fmt.Errorf("wait for the lock of %s, which another collector may hold: %w", s.cfg.Table, err)
	}
	err = do(ctx)
	if unlock != "" {
		if _, failed := tx.ExecContext(context.WithoutCancel(ctx), unlock); failed != nil && err == nil {
			err = fmt.Errorf("unlock: %w", failed)
		}
	}
	return err
}
