package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// Prepare connects to the database and, the first time and if it is to, brings
// the schema up to date. Once it has worked it costs nothing.
func (s *Store) Prepare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return nil
	}
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to database: %w", withoutDSN(err, s.cfg.DSN))
	}
	if s.cfg.CreateSchema {
		if err := s.migrate(ctx); err != nil {
			return fmt.Errorf("create schema of %s: %w", s.cfg.Table, err)
		}
	}
	if err := s.checkPartitions(ctx); err != nil {
		return err
	}
	s.ready = true
	return nil
}

// migrate applies the migrations that the database has not seen. Another
// collector that does so at the same time waits for the dialect's lock; where it
// has none, each migration can be run twice.
func (s *Store) migrate(ctx context.Context) error {
	var options []goose.ProviderOption
	if locker, ok := s.cfg.Dialect.(dialect.Locker); ok {
		var l sessionLock
		l.lock, l.unlock = locker.Lock(s.cfg.Table)
		options = append(options, goose.WithSessionLocker(l))
	}
	provider, err := Migrations(s.cfg.Dialect, s.db, s.cfg.Table, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		if partial := new(goose.PartialError); errors.As(err, &partial) {
			err = partial.Err
		}
		return err
	}
	return nil
}

// Migrations returns what applies the migrations of a table.
func Migrations(d dialect.Dialect, db *sql.DB, table string, options ...goose.ProviderOption) (*goose.Provider, error) {
	versions, err := newVersionTable(d, dialect.SchemaTable(table))
	if err != nil {
		return nil, fmt.Errorf("name version table: %w", err)
	}
	options = append(options, goose.WithStore(versions), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(goose.DialectCustom, db, d.Schema(table), options...)
}

func newVersionTable(d dialect.Dialect, table string) (database.Store, error) {
	if querier, ok := d.(dialect.Querier); ok {
		versions, err := database.NewStoreFromQuerier(table, querier)
		return versionTable{versions}, err
	}
	versions, err := database.NewStore(database.Dialect(d.Goose()), table)
	return versionTable{versions}, err
}

// sessionLock is the lock of a dialect, as goose wants it.
type sessionLock struct{ lock, unlock string }

// SessionLock implements goose's lock.SessionLocker.
func (l sessionLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, l.lock); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// SessionUnlock implements goose's lock.SessionLocker.
func (l sessionLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, l.unlock); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}
