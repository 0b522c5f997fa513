package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// statementTimeout is the deadline of a statement outside a transaction that writes
// rows, unless the configured timeout is shorter.
const statementTimeout = 30 * time.Second

// deadline limits the time of one statement or a few: a database that accepts
// connections but never answers must not block its caller. It also ends with
// [Store.Stop].
func (s *Store) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := statementTimeout
	if s.cfg.Timeout > 0 {
		limit = min(limit, s.cfg.Timeout)
	}
	return s.bounded(ctx, limit)
}

// bounded returns ctx with a time limit (0: no limit) that also ends with
// [Store.Stop].
func (s *Store) bounded(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	cancel := func() {}
	if limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	}
	ctx, stop := context.WithCancelCause(ctx)
	forget := context.AfterFunc(s.life, func() { stop(errStopped) })
	return ctx, func() {
		forget()
		stop(nil)
		cancel()
	}
}

// on calls do with a connection. If the error of do says that the connection is not
// usable any more, it is closed instead of returned to the pool.
func (s *Store) on(ctx context.Context, do func(*sql.Conn) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w%s", errConnect, s.withoutDSN(err), s.fileTrouble(err))
	}
	err = do(conn)
	if err != nil && s.cfg.Dialect.Classify(err).Stale {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // which makes database/sql close it
	}
	_ = conn.Close() // returns it to the pool
	return err
}

// within runs a transaction on a connection of its own.
func (s *Store) within(ctx context.Context, do func(*sql.Conn, *sql.Tx) error) error {
	return s.on(ctx, func(conn *sql.Conn) error {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer func() { _ = tx.Rollback() }() // does nothing after a commit
		if err := s.identify(ctx, tx); err != nil {
			return err
		}
		if err := do(conn, tx); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	})
}

// exec runs one statement, which is a transaction of its own, and returns how many
// rows it affected.
func (s *Store) exec(ctx context.Context, query string, args ...any) (n int, err error) {
	err = s.on(ctx, func(conn *sql.Conn) error {
		n, err = affected(conn.ExecContext(ctx, query, args...))
		return err
	})
	return n, err
}

// execWithin is exec with the deadline of one statement.
func (s *Store) execWithin(ctx context.Context, query string, args ...any) (n int, err error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	return s.exec(ctx, query, args...)
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
