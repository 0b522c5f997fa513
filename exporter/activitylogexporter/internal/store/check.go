package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
)

// check finds out that the database or the table is not as rows need it.
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
			s.observer.Noted(ctx, "There seems to be no table for rows that the database refuses; a row that is refused will stop those after it.", err)
		}
	}
	return s.checkPartitions(ctx)
}

// checkSettings compares the settings of the database and of the connection.
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
			return fmt.Errorf("%s: must be %s, is %s; %s", setting.Query, setting.Want, got, setting.Remedy)
		}
	}
	return nil
}

// notSupported reports whether a server that speaks the protocol of another one has
// answered that it does not know what it was asked.
func (s *Store) notSupported(err error) bool {
	if err == nil {
		return false
	}
	verdict := s.cfg.Dialect.Classify(err)
	return verdict.Code != "" && !verdict.Stale && verdict.Kind != dialect.Contention
}

// columns returns the types of a table's columns by their names, or nil where the
// dialect cannot say. It is an error that there is no such table.
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
		return nil, fmt.Errorf("look at the columns of %s: %w", table, err)
	case len(types) == 0:
		return nil, s.missing(ctx, table)
	}
	return types, nil
}

// missing is the error that a table is not there.
func (s *Store) missing(ctx context.Context, table string) error {
	version := s.version(ctx)
	versions := dialect.SchemaTable(s.cfg.Table)
	switch {
	case s.cfg.CreateSchema && version > 0:
		return fmt.Errorf("the table %s is not there, but %s says that it was made (version %d), so it was dropped or renamed: "+
			"restore it from a backup; or drop %s as well, and the exporter makes an empty one", table, versions, version, versions)
	case s.cfg.CreateSchema:
		return fmt.Errorf("the table %s is not there, or the account may not see it", table)
	}
	return fmt.Errorf("the table %s is not there, or the account may not see it; with create_schema: false it is yours to make, "+
		"and the account needs the right to insert into it", table)
}

// checkTypes compares the columns with those that rows need. Where a type takes
// text but not the bulk protocol's own format, rows are inserted by statements.
func (s *Store) checkTypes(ctx context.Context, types map[string]string) error {
	describer := s.cfg.Dialect.(dialect.Describer)
	var errs []error
	var converted []string
	for _, column := range dialect.Columns() {
		kind, ok := types[column]
		if !ok {
			errs = append(errs, fmt.Errorf("the table %s has no column %s", s.cfg.Table, column))
			continue
		}
		switch fit := describer.Fit(column, kind); fit {
		case dialect.Unfit:
			errs = append(errs, fmt.Errorf("the column %s of %s has the type %s and must have %s", column, s.cfg.Table, kind, describer.Wanted(column)))
		case dialect.Converts:
			converted = append(converted, fmt.Sprintf("%s (%s instead of %s)", column, kind, describer.Wanted(column)))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if len(converted) > 0 && !s.cfg.InsertOnly && !s.noLoad.Swap(true) {
		s.observer.Noted(ctx, "Columns of "+s.cfg.Table+" have other types than the bulk protocol can write, "+
			"so rows are inserted by statements, which is slower: "+strings.Join(converted, ", ")+".", nil)
	}
	return nil
}

// checkColumns is for a table that refuses ordinary values: its columns say
// whether it is wrong.
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
			return fmt.Errorf("%w: the column %s has the type %s and must have %s", ErrWrongSchema, column, types[column], describer.Wanted(column))
		}
	}
	return nil
}

// version is the version of the schema that the database has, 0 if it is unknown.
func (s *Store) version(ctx context.Context) int {
	var version sql.NullInt64
	if s.cfg.Dialect.Goose() == "" {
		return 0
	}
	query := "SELECT max(version_id) FROM " + dialect.Quote(dialect.SchemaTable(s.cfg.Table))
	if err := s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query).Scan(&version) }); err != nil {
		return 0
	}
	return int(version.Int64)
}

// known is the version of the schema that this program brings.
func (s *Store) known() (newest int) {
	files, _ := fs.Glob(s.cfg.Dialect.Schema(s.cfg.Table), "*.sql")
	for _, file := range files {
		number, _, _ := strings.Cut(file, "_")
		if n, err := strconv.Atoi(number); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

// versions says, for an error, that the schema is of another version.
func (s *Store) versions(ctx context.Context) string {
	if has, knows := s.version(ctx), s.known(); has > 0 && has != knows {
		return fmt.Sprintf("; the schema of the table is version %d, and this collector knows version %d", has, knows)
	}
	return ""
}

// noteVersion tells once that the schema is newer or older than we know.
func (s *Store) noteVersion(ctx context.Context) {
	has, knows := s.version(ctx), s.known()
	switch {
	case has > knows:
		s.observer.Noted(ctx, fmt.Sprintf("The schema of %s is version %d and this collector knows version %d: a newer collector made it. "+
			"Rows are written; update this collector.", s.cfg.Table, has, knows), nil)
	case has > 0 && has < knows:
		s.observer.Noted(ctx, fmt.Sprintf("The schema of %s is version %d and this collector brings version %d: with create_schema: false the "+
			"files in between are yours to apply.", s.cfg.Table, has, knows), nil)
	}
}
