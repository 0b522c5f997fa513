package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// locked calls do while it holds the lock of the table, if the dialect has one, so
// that collectors do it one after the other.
//
// The lock has a connection of its own, because the pool may have only one. It is
// held by a transaction, and ends with it: a connection pooler may give the session
// to another client, but not during a transaction.
func (s *Store) locked(ctx context.Context, do func(context.Context) error) error {
	locker, ok := s.cfg.Dialect.(dialect.Locker)
	if !ok {
		return do(ctx)
	}
	db := sql.OpenDB(s.connector)
	defer func() { _ = db.Close() }()
	lock, unlock := locker.Lock(s.cfg.Table)
	for {
		tx, held, err := tryLock(ctx, db, nil, lock)
		if err != nil {
			return fmt.Errorf("lock %s: %w", s.cfg.Table, withoutDSN(err, s.dsn))
		}
		if held {
			defer func() { _ = tx.Rollback() }()
			err = do(ctx)
			if unlock != "" {
				_, failed := tx.ExecContext(context.WithoutCancel(ctx), unlock)
				err = errors.Join(err, failed)
			}
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the lock of %s, held by another collector: %w", s.cfg.Table, context.Cause(ctx))
		case <-time.After(lockPause):
		}
	}
}

// lockPause is the time between two tries. No connection is held meanwhile: a pooler
// may have few of them, and the holder of the lock needs one.
const lockPause = 100 * time.Millisecond

// tryLock returns a transaction that holds the lock, if it is free.
func tryLock(ctx context.Context, db *sql.DB, options *sql.TxOptions, lock string) (tx *sql.Tx, held bool, err error) {
	tx, err = db.BeginTx(ctx, options)
	if err != nil {
		return nil, false, err
	}
	var is sql.NullBool
	if err = tx.QueryRowContext(ctx, lock).Scan(&is); err != nil || !is.Bool {
		_ = tx.Rollback()
		return nil, false, err
	}
	return tx, true, nil
}
