package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// migrateTimeout is the deadline of all migrations together, including the wait for
// another collector that creates the same schema. An index takes a while on a large table;
// rows wait in the queue meanwhile.
const migrateTimeout = 10 * time.Minute

// Prepare connects to the database, applies the migrations if it is configured to,
// and checks the schema. After it has succeeded once, it does nothing. Callers wait
// for each other, each until its deadline.
func (s *Store) Prepare(ctx context.Context) error {
	if s.ready.Load() {
		return nil
	}
	waiting, cancel := s.deadline(ctx)
	defer cancel()
	select {
	case s.preparing <- struct{}{}:
	case <-waiting.Done():
		return fmt.Errorf("wait until the database is ready: %w", context.Cause(waiting))
	}
	defer func() { <-s.preparing }()
	if s.ready.Load() {
		return nil
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.ready.Store(true)
	return nil
}

func (s *Store) prepare(ctx context.Context) error {
	short, cancel := s.deadline(ctx)
	defer cancel()
	if err := s.on(short, func(conn *sql.Conn) error { return conn.PingContext(short) }); err != nil {
		return fmt.Errorf("connect to database: %w", s.withoutDSN(err))
	}
	if s.cfg.CreateSchema {
		long, cancel := s.bounded(context.WithoutCancel(ctx), migrateTimeout)
		defer cancel()
		if err := s.migrate(long); err != nil {
			return fmt.Errorf("create schema of %s: %w", s.cfg.Table, err)
		}
	}
	again, cancel := s.deadline(ctx)
	defer cancel()
	return s.check(again)
}

// migrate applies the migrations that the database does not have. Other collectors
// wait for the dialect's lock. If the dialect has no lock, every migration can be
// run twice.
func (s *Store) migrate(ctx context.Context) error {
	return s.locked(ctx, func(ctx context.Context) (err error) {
		for range maxBroken {
			err = s.up(ctx)
			if ctx.Err() != nil || !errors.Is(err, sql.ErrConnDone) && !errors.Is(err, driver.ErrBadConn) {
				return err
			}
		}
		return err
	})
}

// maxBroken is how many connections may break while the migrations are applied. goose uses
// one for all of them, which database/sql does not replace as it does for other statements.
const maxBroken = 3

// up applies the migrations on one connection. The provider is of one use: if it could not
// create the table of versions, it does not try again.
func (s *Store) up(ctx context.Context) error {
	provider, err := Migrations(s.cfg.Dialect, s.db, s.cfg.Table)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	_, err = provider.Up(ctx)
	if partial := new(goose.PartialError); errors.As(err, &partial) {
		err = partial.Err
	}
	return err
}

// Migrations returns the goose provider that applies the migrations of a table.
func Migrations(d dialect.Dialect, db *sql.DB, table string, options ...goose.ProviderOption) (*goose.Provider, error) {
	versions, err := newVersionTable(d, table)
	if err != nil {
		return nil, fmt.Errorf("name version table: %w", err)
	}
	options = append(options, goose.WithStore(versions), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(goose.DialectCustom, db, d.Schema(table), options...)
}
