package clitest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	_ "github.com/go-sql-driver/mysql" // registers mysql
	_ "github.com/jackc/pgx/v5/stdlib" // registers pgx
	_ "modernc.org/sqlite"             // registers sqlite

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/schematest"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/reader"
)

// Open opens a database for writing, of any kind but ClickHouse.
func Open(dsn string) (*sql.DB, error) {
	switch sqldsn.Kind(dsn) {
	case sqldsn.Postgres:
		return sql.Open("pgx", dsn)
	case sqldsn.MySQL:
		return sql.Open("mysql", dsn+"?interpolateParams=true&sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES'&time_zone='%2B00:00'")
	}
	return sql.Open("sqlite", dsn+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
}

// Create creates the tables of the exporter.
func Create(ctx context.Context, dsn string) error {
	return with(dsn, func(db *sql.DB) error {
		return schematest.Create(ctx, db, map[string]string{
			sqldsn.Postgres: "postgres", sqldsn.MySQL: "mysql", sqldsn.SQLite: "sqlite"}[sqldsn.Kind(dsn)])
	})
}

// Exec runs a statement.
func Exec(ctx context.Context, dsn, statement string) error {
	return with(dsn, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
}

// Write adds rows to activity_log.
func Write(ctx context.Context, dsn string, rows ...reader.Row) error {
	return with(dsn, func(db *sql.DB) error {
		for part := range slices.Chunk(rows, 100) {
			statement, args := insert(part, sqldsn.Kind(dsn) == sqldsn.Postgres)
			if _, err := db.ExecContext(ctx, statement, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

func with(dsn string, do func(*sql.DB) error) error {
	db, err := Open(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(db)
}

// insert returns the statement for rows, without recorded_at.
func insert(rows []reader.Row, dollars bool) (statement string, args []any) {
	var names, groups []string
	for _, c := range activity.Columns() {
		if c.Name != "recorded_at" {
			names = append(names, c.Name)
		}
	}
	for _, row := range rows {
		values := valuesOf(row)
		var parameters []string
		for _, name := range names {
			args = append(args, values[name])
			parameter := "?"
			if dollars {
				parameter = fmt.Sprintf("$%d", len(args))
			}
			parameters = append(parameters, parameter)
		}
		groups = append(groups, "("+strings.Join(parameters, ", ")+")")
	}
	return "INSERT INTO activity_log (" + strings.Join(names, ", ") + ") VALUES " + strings.Join(groups, ", "), args
}

// valuesOf returns the values of columns. What is empty is NULL.
func valuesOf(row reader.Row) (values map[string]any) {
	text, err := json.Marshal(row)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		panic(err) // rows are JSON
	}
	values["action_time"] = row.ActionTime.UTC().Format("2006-01-02 15:04:05.000000")
	values["data"] = string(row.Data)
	return values
}
