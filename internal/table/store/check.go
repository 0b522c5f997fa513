package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Errors of [Store.Prepare] that say what is wrong with the table.
var (
	// ErrNoTable is the error of a table that is missing, or hidden from the account.
	ErrNoTable = errors.New("does not exist")
	// ErrNoColumn is the error of a table that lacks a column.
	ErrNoColumn = errors.New("has no column")
	// ErrWrongType is the error of a column that cannot hold what rows have.
	ErrWrongType = errors.New("has the type")
)

// check returns an error if the settings of the database, the table or its
// partitions are not as rows need them.
func (s *Store) check(ctx context.Context) error {
	if err := s.checkSettings(ctx); err != nil {
		return err
	}
	s.noteVersion(ctx)
	columns, err := s.columns(ctx, s.cfg.Table)
	if err != nil {
		return err
	}
	if columns != nil {
		if err := s.checkTypes(ctx, columns); err != nil {
			return fmt.Errorf("%w%s", err, s.versions(ctx))
		}
		if _, err := s.columns(ctx, dialect.DeadLetterTable(s.cfg.Table)); err != nil {
			if s.cfg.CreateSchema {
				return err
			}
			s.observer.Noted(ctx, "The dead letter table was not found. A row that the database rejects will block the rows after it.", err)
		}
	}
	if err := s.checkPartitions(ctx); err != nil {
		return err
	}
	s.prepareCounts(ctx)
	return nil
}

// checkSettings returns an error if a setting of the database or of the connection
// is not as the dialect needs it.
func (s *Store) checkSettings(ctx context.Context) error {
	lister, ok := s.cfg.Dialect.(dialect.SettingsLister)
	if !ok {
		return nil
	}
	for _, setting := range lister.Settings() {
		var got string
		err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, setting.Query).Scan(&got) })
		if s.notSupported(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", setting.Query, err)
		}
		if got != setting.Want {
			return fmt.Errorf("%s: must be %s; got %s; %s", setting.Query, setting.Want, got, setting.Remedy)
		}
	}
	return nil
}

// notSupported reports whether the server answered that it does not know a query.
// Some databases that are compatible with PostgreSQL or MySQL lack system tables.
func (s *Store) notSupported(err error) bool {
	if err == nil {
		return false
	}
	verdict := s.cfg.Dialect.Classify(err)
	return verdict.Code != "" && !verdict.Stale && verdict.Kind != dialect.Contention
}

// columns returns the types of a table's columns by name, or nil if the dialect or
// the server cannot list them. A missing table is an error.
func (s *Store) columns(ctx context.Context, table string) (types map[string]string, err error) {
	describer, ok := s.cfg.Dialect.(dialect.Describer)
	if !ok {
		return nil, nil
	}
	types = map[string]string{}
	err = s.on(ctx, func(conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, describer.Describe(table))
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		for result.Next() {
			var name, kind string
			if err := result.Scan(&name, &kind); err != nil {
				return err
			}
			types[strings.ToLower(name)] = kind
		}
		return result.Err()
	})
	switch {
	case s.notSupported(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("list the columns of %s: %w", table, err)
	case len(types) == 0:
		return nil, s.missing(ctx, table)
	}
	return types, nil
}

// missing returns the error for a table that does not exist.
func (s *Store) missing(ctx context.Context, table string) error {
	version := s.version(ctx)
	versions := dialect.SchemaTable(s.cfg.Table)
	switch {
	case s.cfg.CreateSchema && version > 0:
		return fmt.Errorf("the table %s %w, but according to %s it was created (version %d), so it was dropped or renamed: "+
			"restore it from a backup; or drop %s as well, and the exporter creates an empty one", table, ErrNoTable, versions, version, versions)
	case s.cfg.CreateSchema:
		return fmt.Errorf("the table %s %w, or the account may not see it", table, ErrNoTable)
	}
	return fmt.Errorf("the table %s %w, or the account may not see it; with create_schema: false you must create it, "+
		"and the account needs the right to insert into it", table, ErrNoTable)
}

// checkTypes compares the columns with those that rows need. If a type accepts text
// but not the format of the bulk protocol, rows are inserted by statements.
func (s *Store) checkTypes(ctx context.Context, types map[string]string) error {
	describer := s.cfg.Dialect.(dialect.Describer)
	var errs []error
	var converted []string
	for _, column := range dialect.Columns() {
		kind, ok := types[column]
		if !ok {
			errs = append(errs, fmt.Errorf("the table %s %w %s", s.cfg.Table, ErrNoColumn, column))
			continue
		}
		switch fit := describer.Fit(column, kind); fit {
		case dialect.Unfit:
			errs = append(errs, fmt.Errorf("the column %s of %s %w %s; it must be %s", column, s.cfg.Table, ErrWrongType, kind, describer.Wanted(column)))
		case dialect.Converts:
			converted = append(converted, fmt.Sprintf("%s (%s instead of %s)", column, kind, describer.Wanted(column)))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if len(converted) > 0 && !s.cfg.InsertOnly && !s.noLoad.Swap(true) {
		s.observer.Noted(ctx, "Columns of "+s.cfg.Table+" have types that the bulk protocol cannot write, "+
			"so rows are inserted by statements, which is slower: "+strings.Join(converted, ", ")+".", nil)
	}
	return nil
}

// checkColumns returns an error if a column of a table that rejects ordinary values
// has a wrong type or is too narrow.
func (s *Store) checkColumns(ctx context.Context) error {
	types, err := s.columns(ctx, s.cfg.Table)
	if err != nil || types == nil {
		return err
	}
	if err := s.checkTypes(ctx, types); err != nil {
		return fmt.Errorf("%w: %w%s", ErrWrongSchema, err, s.versions(ctx))
	}
	describer := s.cfg.Dialect.(dialect.Describer)
	for _, column := range dialect.Columns() {
		if describer.Fit(column, types[column]) == dialect.Narrow {
			return fmt.Errorf("%w: the column %s has the type %s; it must be %s", ErrWrongSchema, column, types[column], describer.Wanted(column))
		}
	}
	return nil
}

// version returns the version of the schema in the database, 0 if it is unknown.
func (s *Store) version(ctx context.Context) int {
	version, _ := s.readVersion(ctx)
	return version
}

// readVersion reads the version of the schema, 0 if none is noted.
func (s *Store) readVersion(ctx context.Context) (int, error) {
	var version sql.NullInt64
	if s.cfg.Dialect.Goose() == "" {
		return 0, nil
	}
	query := "SELECT max(version_id) FROM " + dialect.Quote(dialect.SchemaTable(s.cfg.Table))
	err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query).Scan(&version) })
	return int(version.Int64), err
}

// known returns the newest version of the schema that this program has.
func (s *Store) known() int {
	version, _ := newest(s.cfg.Dialect.Schema(s.cfg.Table))
	return int(version)
}

// versions returns a clause for an error if the schema has another version than
// this program.
func (s *Store) versions(ctx context.Context) string {
	if has, knows := s.version(ctx), s.known(); has > 0 && has != knows {
		return fmt.Sprintf("; the schema of the table is version %d, and this collector knows version %d", has, knows)
	}
	return ""
}

// noteVersion logs that the schema is newer or older than this program.
func (s *Store) noteVersion(ctx context.Context) {
	has, knows := s.version(ctx), s.known()
	switch {
	case has > knows:
		s.observer.Noted(ctx, fmt.Sprintf("The schema of %s is version %d and this collector knows version %d: a newer collector changed it. "+
			"Rows are written. Update this collector.", s.cfg.Table, has, knows), nil)
	case has > 0 && has < knows:
		s.observer.Noted(ctx, fmt.Sprintf("The schema of %s is version %d and this collector has version %d: with create_schema: false you must "+
			"apply the migrations in between.", s.cfg.Table, has, knows), nil)
	}
}
