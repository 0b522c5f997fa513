package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

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
		return fmt.Errorf("connect to database: %w", err)
	}
	if s.cfg.CreateSchema {
		if err := s.migrate(ctx); err != nil {
			return fmt.Errorf("create schema of %s: %w", s.cfg.Table, err)
		}
	}
	s.ready = true
	return nil
}

// migrate applies the migrations that the database has not seen. Another
// collector that does so at the same time waits: on PostgreSQL for an advisory
// lock; on SQLite for the file, and there each migration can be run again.
func (s *Store) migrate(ctx context.Context) error {
	schema, err := expand(s.cfg.Dialect.Schema(), s.cfg.Table)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{
		goose.WithTableName(dialect.SchemaTable(s.cfg.Table)),
		goose.WithDisableGlobalRegistry(true),
	}
	if s.cfg.Dialect.Goose() == "postgres" {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("make schema lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(goose.Dialect(s.cfg.Dialect.Goose()), s.db, schema, options...)
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

// expand puts the names of a table into the migrations.
func expand(schema fs.FS, table string) (fs.FS, error) {
	names := strings.NewReplacer(
		"{{table}}", dialect.Quote(table),
		"{{dead_letter}}", dialect.Quote(dialect.DeadLetterTable(table)),
		"{{index}}", table[strings.LastIndexByte(table, '.')+1:],
	)
	expanded := fstest.MapFS{} // the standard library's one file system in memory
	files, err := fs.Glob(schema, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		expanded[file] = &fstest.MapFile{Data: []byte(names.Replace(string(text)))}
	}
	return expanded, nil
}
