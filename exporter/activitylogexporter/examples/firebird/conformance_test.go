package firebird_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/examples/firebird/newdialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/testserver/firebirdtest"
)

var (
	generic = dialect.Generic{SQLDriver: "firebirdsql", Placeholder: "?", From: "RDB$DATABASE", Refused: []string{"string truncation"}}
	typed   = dialect.Generic{SQLDriver: "firebirdsql", Placeholder: "?", From: "RDB$DATABASE", Typed: true, Refused: []string{"string truncation"}}
)

func TestMain(m *testing.M) {
	dialecttest.Child(generic, typed, newdialect.New())
	goleak.VerifyTestMain(m)
}

func TestGeneric(t *testing.T) {
	t.Parallel()
	h := harness(firebirdtest.Start(t))
	dialecttest.Run(t, h)
	t.Run("typed parameters", func(t *testing.T) {
		h.Dialect = typed
		for _, rule := range []string{"every column comes back as it was written", "a row that is there is neither doubled nor changed"} {
			dialecttest.RunRule(t, h, rule)
		}
	})
}

func harness(server *firebirdtest.Server) dialecttest.Harness {
	return dialecttest.Harness{
		Dialect:    generic,
		Unquoted:   true,
		Resolution: 100 * time.Microsecond,
		Schema:     func(t *testing.T, dsn, table string) { makeTables(t, dsn, table) },
		New:        func(*testing.T) string { return server.Database() },
		Refuse:     `ALTER TABLE activity_log ADD CONSTRAINT refuse CHECK (actor_id <> 'refused')`,
		Repair:     `ALTER TABLE activity_log DROP CONSTRAINT refuse`,
		InsertOnly: func(t *testing.T, dsn string) string {
			execute(t, dsn, "CREATE OR ALTER USER inserter PASSWORD 'inserter'",
				"GRANT INSERT, SELECT ON activity_log TO inserter", "GRANT INSERT, SELECT ON activity_log_dead_letter TO inserter")
			return strings.Replace(dsn, "SYSDBA:"+firebirdtest.Password, "inserter:inserter", 1)
		},
		Server:  server.Address(),
		Through: func(dsn, address string) string { return strings.Replace(dsn, server.Address(), address, 1) },
		Restart: func() { server.Kill(); server.Start() },
	}
}

// makeTables runs schema.sql, unless the table is there.
func makeTables(t testing.TB, dsn, table string) {
	t.Helper()
	db, err := sql.Open("firebirdsql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var there int
	query := "SELECT count(*) FROM RDB$RELATIONS WHERE RDB$RELATION_NAME = '" + strings.ToUpper(table) + "'"
	if err := db.QueryRowContext(t.Context(), query).Scan(&there); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if there > 0 {
		return
	}
	text, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	statements := strings.Split(strings.ReplaceAll(string(text), "activity_log", table), ";\n")
	execute(t, dsn, statements[:len(statements)-1]...)
}

func execute(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("firebirdsql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
