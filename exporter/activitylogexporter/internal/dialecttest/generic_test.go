package dialecttest_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// The dialect generic on databases that have a dialect of their own, so that each
// way it has to find out what an error means is seen on a real one: pgx says the
// SQLSTATE, by a method, and SQLite has nothing but numbers of its own. See
// examples/firebird for a database without a dialect.
var (
	genericPostgres      = dialect.Generic{SQLDriver: "pgx", Placeholder: "$1"}
	genericPostgresTyped = dialect.Generic{SQLDriver: "pgx", Placeholder: "$1", Typed: true}
	genericSQLite        = dialect.Generic{SQLDriver: "sqlite", Placeholder: "?", Refused: []string{"^(275|1299|1555|1811)$"}}
)

func TestGenericPostgres(t *testing.T) {
	t.Parallel()
	h := postgresHarness(pgtest.Start(t))
	h.Dialect, h.Unquoted, h.Schema = genericPostgres, true, made(dialect.Postgres{})
	dialecttest.Run(t, h)
	t.Run("typed parameters", func(t *testing.T) {
		h.Dialect = genericPostgresTyped
		for _, rule := range []string{"every column comes back as it was written", "a row that is there is neither doubled nor changed",
			"writers of the same rows leave each once", "a row that is refused does not hold up its neighbours"} {
			dialecttest.RunRule(t, h, rule)
		}
	})
}

func TestGenericSQLite(t *testing.T) {
	t.Parallel()
	h := sqliteHarness()
	file := h.New
	h.New = func(t *testing.T) string { // as a user has to say what the dialect SQLite knows
		dsn, err := dialect.SQLite{}.DSN(file(t))
		if err != nil {
			t.Fatal(err)
		}
		return dsn + "&_time_format=sqlite"
	}
	h.Config = func(cfg *store.Config) { cfg.MaxOpenConns = 1 } // likewise
	h.Dialect, h.Unquoted, h.Schema = genericSQLite, true, documented
	dialecttest.Run(t, h)
}

// made makes tables as a person does who has the SQL of a dialect.
func made(d dialect.Dialect) func(t *testing.T, dsn, table string) {
	return func(t *testing.T, dsn, table string) {
		s, err := store.Open(store.Config{Dialect: d, DSN: dsn, Table: table, CreateSchema: true, MaxOpenConns: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// documented makes the tables of docs/databases/generic.md, as they stand there.
func documented(t *testing.T, dsn, table string) {
	page, err := os.ReadFile("../../../../docs/databases/generic.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```sql\n")
	text, _, found := strings.Cut(text, "```")
	if !found {
		t.Fatal("docs/databases/generic.md has no SQL")
	}
	text = strings.ReplaceAll(text, "activity_log", table)
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil && !strings.Contains(err.Error(), "already exists") {
		t.Fatalf("make the tables of docs/databases/generic.md: %v", err)
	}
}
