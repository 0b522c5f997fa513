package upgrade_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/ClickHouse/clickhouse-go/v2" // the driver "clickhouse"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/rowschema"
	"github.com/otelactivity/activitylog/internal/testserver/clickhousetest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
	"github.com/otelactivity/activitylog/reader"
)

// database is a database that tests start.
type database struct {
	driver string // as the exporter calls it
	dsn    string // for programs
	*sql.DB
	dialect reader.Dialect
	store   string   // the end of the names of the tables that are written
	next    []string // what the next version of the schema might do: add, and nothing else
}

// databases start each kind.
var databases = map[string]func(*testing.T) *database{
	"SQLite": func(t *testing.T) *database {
		return sqlite(t, filepath.Join(t.TempDir(), "activity.db"))
	},
	"PostgreSQL": func(t *testing.T) *database {
		dsn := pgtest.Start(t).DSN()
		return &database{driver: "postgres", dsn: dsn, DB: load.Open(t, "pgx", dsn), dialect: reader.Postgres, next: []string{
			"ALTER TABLE activity_log ADD COLUMN next_note text",
			"ALTER TABLE activity_log ADD COLUMN next_state text NOT NULL DEFAULT 'new'",
			"CREATE INDEX next_idx ON activity_log (next_state, action_time)",
		}}
	},
	"MariaDB": func(t *testing.T) *database {
		dsn := mariatest.Start(t).DSN()
		return &database{driver: "mysql", dsn: dsn, DB: load.Open(t, "mysql", dsn+"?multiStatements=true"), dialect: reader.MySQL, next: []string{
			"ALTER TABLE activity_log ADD COLUMN next_note LONGTEXT",
			"ALTER TABLE activity_log ADD COLUMN next_state VARCHAR(255) NOT NULL DEFAULT 'new'",
			"CREATE INDEX next_idx ON activity_log (next_state, action_time)",
		}}
	},
	"ClickHouse": clickhouse,
}

// clickhouse is ClickHouse's engine as a library, whose tables have other names than what is read.
func clickhouse(t *testing.T) *database {
	dsn := clickhousetest.Start(t).DSN("default")
	return &database{driver: "clickhouse", dsn: dsn, DB: load.Open(t, "clickhouse", dsn), dialect: reader.ClickHouse, store: "_store", next: []string{
		"ALTER TABLE activity_log_store ADD COLUMN next_note Nullable(String)",
		"ALTER TABLE activity_log_store ADD COLUMN next_state String DEFAULT 'new'",
	}}
}

// sqlite is a file of SQLite.
func sqlite(t *testing.T, file string) *database {
	t.Helper()
	dsn := "file:" + file
	return &database{driver: "sqlite", dsn: dsn, DB: load.Open(t, "sqlite", dsn+"?_pragma=busy_timeout(20000)"), dialect: reader.SQLite, next: []string{
		"ALTER TABLE activity_log ADD COLUMN next_note TEXT",
		"ALTER TABLE activity_log ADD COLUMN next_state TEXT NOT NULL DEFAULT 'new'",
		"CREATE INDEX next_idx ON activity_log (next_state, action_time)",
	}}
}

func (db *database) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%.200s: %v", statement, err)
	}
}

// number returns the result of a query for a number.
func (db *database) number(t *testing.T, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// create makes the tables of a baseline, with its rows and dead letters.
func (db *database) create(t *testing.T, b *baseline) {
	t.Helper()
	script := text(t, b, "schema-"+db.driver+".sql")
	if db.driver == "clickhouse" { // which takes one statement at a time
		for statement := range strings.SplitSeq(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(script, ""), ";") {
			if strings.TrimSpace(statement) != "" {
				db.exec(t, statement)
			}
		}
	} else {
		db.exec(t, script)
	}
	for _, row := range lines(t, b, tableRows) {
		db.insert(t, "activity_log", row)
	}
	for _, letter := range lines(t, b, deadLetters) {
		db.insert(t, "activity_log_dead_letter", letter)
	}
}

// insert writes one JSON object of columns.
func (db *database) insert(t *testing.T, table string, object map[string]json.RawMessage) {
	t.Helper()
	var names, places []string
	var args []any
	for name, value := range object {
		var s string
		if name == "data" {
			s = string(value)
		} else if err := json.Unmarshal(value, &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil && strings.HasSuffix(name, "_at") || name == "action_time" {
			s = at.UTC().Format("2006-01-02 15:04:05.000000")
			if db.driver == "postgres" {
				s += "+00"
			}
		}
		names, args = append(names, name), append(args, s)
		place := "?"
		if db.driver == "postgres" {
			place = fmt.Sprint("$", len(args))
		}
		places = append(places, place)
	}
	db.exec(t, "INSERT INTO "+table+db.store+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...)
}

func text(t *testing.T, b *baseline, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lines reads the objects of a file of JSON lines.
func lines(t *testing.T, b *baseline, name string) (all []map[string]json.RawMessage) {
	t.Helper()
	scanner := bufio.NewScanner(strings.NewReader(text(t, b, name)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(scanner.Bytes(), &object); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, object)
	}
	return all
}

// rows are those of a file, by their ids.
func rows(t *testing.T, b *baseline, name string) map[string]reader.Row {
	t.Helper()
	all := map[string]reader.Row{}
	for line := range strings.Lines(text(t, b, name)) {
		var row reader.Row
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[row.EventID.String()] = row
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	return all
}

// read reads all rows of the table, by package reader.
func (db *database) read(t *testing.T) (all []reader.Row) {
	t.Helper()
	r, err := reader.New(t.Context(), db.DB, db.dialect)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range r.Scan(t.Context(), reader.Query{}, reader.OldestFirst) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// expect checks that each row is there once, as it was: also recorded_at, if the row was in the
// old table. The present schemas of rows and exports hold for it.
func (db *database) expect(t *testing.T, what string, want map[string]reader.Row, recorded bool) {
	t.Helper()
	seen := map[string]int{}
	for _, row := range db.read(t) {
		old, ok := want[row.EventID.String()]
		if !ok {
			continue
		}
		seen[row.EventID.String()]++
		rowschema.Check(t, row)
		if got, want := plain(t, row, recorded), plain(t, old, recorded); got != want {
			t.Errorf("%s: a row is\n%s, and was\n%s", what, got, want)
		}
	}
	for id := range want {
		if seen[id] != 1 {
			t.Errorf("%s: %s is %d rows", what, id, seen[id])
		}
	}
}

// plain is a row as text. Databases write JSON with other spaces and in another order.
func plain(t *testing.T, row reader.Row, recorded bool) string {
	t.Helper()
	var data any
	decoder := json.NewDecoder(bytes.NewReader(row.Data))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil {
		t.Fatalf("data %s: %v", row.Data, err)
	}
	row.Data, _ = json.Marshal(data)
	if !recorded {
		row.RecordedAt = time.Time{}
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExpect shows what is found: a row that changed, one that is missing, one that is there twice.
func TestExpect(t *testing.T) {
	if got := slices.Sorted(func(yield func(string) bool) {
		for name := range databases {
			if !yield(name) {
				return
			}
		}
	}); !slices.Equal(got, []string{"ClickHouse", "MariaDB", "PostgreSQL", "SQLite"}) {
		t.Errorf("got %v", got)
	}
	a := reader.Row{EventID: activity.NewID(), Data: json.RawMessage(`{"b":1,"a":12345678901234567890}`), Remarks: "x"}
	b := a
	b.Data = json.RawMessage(`{"a": 12345678901234567890, "b": 1}`)
	if plain(t, a, true) != plain(t, b, true) {
		t.Error("the order in data counts")
	}
	b.RecordedAt = time.Now()
	if plain(t, a, true) == plain(t, b, true) || plain(t, a, false) != plain(t, b, false) {
		t.Error("recorded_at does not count where it should, or does where it should not")
	}
	b.Remarks = "y"
	if plain(t, a, false) == plain(t, b, false) {
		t.Error("another sentence is the same")
	}
}
