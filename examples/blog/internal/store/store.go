// Package store keeps the blog's own data in SQLite: users, sessions, posts and
// articles. It knows nothing of HTTP and nothing of activities.
package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("not found")

//go:embed schema.sql
var schema string

// Store is the blog's database. Its methods may be called by many goroutines.
type Store struct {
	db         *sql.DB
	bcryptCost int
	decoy      []byte // hash of no account's password, see Authenticate
}

// Open opens the SQLite file at path, creates the tables that are missing and,
// in a database without users, the seed data. bcryptCost is the cost of new
// password hashes: bcrypt.DefaultCost, or bcrypt.MinCost in tests.
func Open(ctx context.Context, path string, bcryptCost int) (*Store, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, fmt.Errorf("open blog database %s: %w", path, err)
	}
	// SQLite has one writer. One connection makes the callers wait in Go
	// instead of meeting SQLITE_BUSY, and keeps ":memory:" one database.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, bcryptCost: bcryptCost}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) prepare(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("create blog tables: %w", err)
	}
	var err error
	if s.decoy, err = s.hash("no account has this password"); err != nil {
		return err
	}
	var users int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&users); err != nil {
		return fmt.Errorf("count users: %w", err)
	}
	if users > 0 {
		return nil
	}
	return s.seed(ctx)
}

// inTx runs do in a transaction, which is kept when do returns no error.
func (s *Store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// found turns the error for an empty result into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// foundOne turns an Exec that touched no row into ErrNotFound.
func foundOne(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}
