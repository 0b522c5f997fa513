package operate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// rules are what is true of each kind of database.
var rules = map[string]func(*testing.T, *database){
	"apply_creates_the_tables":                  applies,
	"apply_at_the_same_time":                    appliesTogether,
	"apply_on_what_the_exporter_created":        appliesAfterExporter,
	"apply_from_each_older_version":             appliesFromOlder,
	"the_printed_SQL_creates_the_same":          scripts,
	"the_check_finds_what_is_missing":           finds,
	"a_version_that_cannot_be_read_is_no_zero":  unknownVersion,
	"retry_puts_dead_letters_back":              retries,
	"retry_leaves_what_is_rejected_again":       retriesRejected,
	"retry_leaves_conflicts":                    retriesConflicts,
	"retry_of_two_rows_of_one_id":               retriesTaken,
	"retry_interrupted_at_any_time":             retriesInterrupted,
	"import_interrupted_at_any_time":            importsInterrupted,
	"apply_interrupted_at_any_time":             appliesInterrupted,
	"open_interrupted_at_any_time":              opensInterrupted,
	"import_of_any_text":                        importsAnything,
	"import_of_a_broken_file":                   importsUntilTheFileBreaks,
	"a_table_in_another_schema":                 elsewhere,
	"dead_letters_of_others":                    foreign,
	"a_table_of_others":                         unknownTable,
	"the_rights_of_a_collector_are_enough":      grantedCollector,
	"a_cluster_is_left_alone":                   sharded,
	"retry_twice_at_the_same_time":              retriesTogether,
	"dead_letters_are_chosen_and_dropped":       drops,
	"import_is_exactly_once":                    imports,
	"import_reports_what_it_leaves":             importsReport,
	"prune_removes_what_is_old":                 prunes,
	"counts_are_those_of_the_rows":              counts,
	"the_doctor_finds_nothing_wrong":            healthy,
	"the_doctor_finds_what_is_wrong":            unhealthy,
	"without_a_table_the_error_says_what_to_do": missing,
}

// newest is the version of the schema.
const newest = 8

func worst(t *testing.T, all []operate.Finding, want operate.Level) {
	t.Helper()
	if got := operate.Worst(all); got != want {
		t.Errorf("got %s, want %s: %+v", got, want, all)
	}
}

func applies(t *testing.T, db *database) {
	cfg := db.config()
	cfg.Create, cfg.Partition = true, db.partition
	table := db.open(t, cfg)
	worst(t, table.Check(t.Context()), operate.Fail)
	if pending, err := table.Pending(t.Context()); err != nil || len(pending) != newest {
		t.Errorf("pending: got %v, %v", pending, err)
	}
	done, err := table.Apply(t.Context())
	if err != nil || len(done.Migrations) != newest || (len(done.Partitions) > 0) != (db.partition == "month") {
		t.Fatalf("got %+v, %v", done, err)
	}
	worst(t, table.Check(t.Context()), operate.OK)
	if v, err := table.Versions(t.Context()); err != nil || v != (operate.Versions{Database: newest, Program: newest}) {
		t.Errorf("got %+v", v)
	}
	db.exporter(t, makeRows(3)...) // which finds the tables as it wants them
	db.count(t, 3, 0)
	again := db.table(t) // which finds out whether there are partitions
	if done, err = again.Apply(t.Context()); err != nil || len(done.Migrations)+len(done.Partitions) != 0 {
		t.Errorf("again: got %+v, %v", done, err)
	}
	worst(t, again.Check(t.Context()), operate.OK)
	db.count(t, 3, 0)
}

func appliesTogether(t *testing.T, db *database) {
	db.table(t) // creates the file of SQLite
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			cfg := db.config()
			cfg.Partition = db.partition
			table, err := operate.Open(t.Context(), cfg)
			if err != nil {
				t.Error(err)
				return
			}
			defer table.Close()
			if _, err := table.Apply(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	worst(t, db.table(t).Check(t.Context()), operate.OK)
}

func appliesAfterExporter(t *testing.T, db *database) {
	db.exporter(t, makeRows(2)...)
	table := db.table(t)
	done, err := table.Apply(t.Context())
	if err != nil || len(done.Migrations) != 0 {
		t.Errorf("got %+v, %v, want no migrations", done, err)
	}
	worst(t, table.Check(t.Context()), operate.OK)
	db.count(t, 2, 0)
}

func appliesFromOlder(t *testing.T, db *database) {
	for version := 1; version < newest; version++ {
		db := db.server.open(t)
		db.table(t)
		provider, err := store.Migrations(db.dialect, db.sql, "activity_log")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.UpTo(t.Context(), int64(version)); err != nil {
			t.Fatal(err)
		}
		table := db.table(t)
		for _, f := range table.Check(t.Context()) {
			if f.About == "version" && f.Level == operate.OK || f.About == "table" && f.Level != operate.OK && !strings.Contains(f.Todo, "schema apply") {
				t.Errorf("version %d: got %+v", version, f)
			}
		}
		done, err := table.Apply(t.Context())
		if err != nil || len(done.Migrations) != newest-version || done.Migrations[0].Version != version+1 {
			t.Errorf("from version %d: got %+v, %v", version, done, err)
		}
		worst(t, table.Check(t.Context()), operate.OK)
	}
}

// scripts runs what is printed, and expects what [operate.Table.Apply] makes.
func scripts(t *testing.T, db *database) {
	db.table(t)
	cfg := db.config()
	cfg.Partition = db.partition
	run := func(text string) {
		conn, err := db.sql.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, statement := range statements(text) {
			if _, err := conn.ExecContext(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	text, err := operate.Script(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	run(text)
	run(text) // which leaves what is there
	table := db.table(t)
	done, err := table.Apply(t.Context())
	if err != nil || len(done.Migrations) != 0 {
		t.Errorf("after the script: got %+v, %v, want no migrations", done, err)
	}
	worst(t, table.Check(t.Context()), operate.OK)

	cfg.Table = "other_log" // of which there is an older version
	provider, err := store.Migrations(db.dialect, db.sql, cfg.Table)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if text, err = operate.Script(cfg, 3); err != nil || strings.Contains(text, "00003_") {
		t.Fatalf("got %v, %s", err, text)
	}
	run(text)
	run(text)
	other := db.open(t, cfg)
	if v, err := other.Versions(t.Context()); err != nil || v.Database != newest {
		t.Errorf("got %+v", v)
	}
	for _, f := range other.Check(t.Context()) {
		if f.Level != operate.OK && f.About != "partitions" {
			t.Errorf("got %+v", f)
		}
	}
	if text, err := operate.Script(cfg, newest); err != nil || len(statements(text)) != 0 || !strings.Contains(text, "nothing to do") {
		t.Errorf("after the newest: got %q, %v, want a comment", text, err)
	}
	for _, after := range []int{-1, newest + 1} {
		if _, err := operate.Script(cfg, after); !errors.Is(err, operate.ErrConfig) || !strings.Contains(err.Error(), fmt.Sprintf("must be 0 to %d", newest)) {
			t.Errorf("after %d: got %v", after, err)
		}
	}
}

// statements splits a script, whose comments may have semicolons.
func statements(text string) (all []string) {
	var plain []string
	for line := range strings.Lines(text) {
		before, _, _ := strings.Cut(line, "-- ")
		plain = append(plain, strings.TrimSuffix(before, "\n"))
	}
	for statement := range strings.SplitSeq(strings.Join(plain, "\n"), ";\n") {
		if strings.TrimSpace(statement) != "" {
			all = append(all, statement)
		}
	}
	return all
}

func finds(t *testing.T, db *database) {
	table := db.created(t)
	find := func(about string, level operate.Level, text string) {
		t.Helper()
		all := table.Check(t.Context())
		if !slices.ContainsFunc(all, func(f operate.Finding) bool {
			return f.About == about && f.Level == level && strings.Contains(f.Text, text) && f.Todo != ""
		}) {
			t.Errorf("got %+v, want %s %s with %q", all, level, about, text)
		}
	}
	db.exec(t, "DROP VIEW activity_log_logins")
	find("view", operate.Warn, "activity_log_logins")
	index := map[string][2]string{
		"mariadb":    {"DROP INDEX activity_log_actor_idx ON activity_log", "activity_log_actor_idx"},
		"clickhouse": {"ALTER TABLE activity_log_store DROP INDEX actor_idx", "actor_idx"},
	}[db.driver]
	if index[0] == "" {
		index = [2]string{"DROP INDEX activity_log_actor_idx", "activity_log_actor_idx"}
	}
	db.exec(t, index[0])
	find("index", operate.Warn, index[1])

	next := fmt.Sprint(newest + 1)
	db.exec(t, "INSERT INTO activity_log_schema (version_id, is_applied) VALUES ("+next+", true)")
	find("version", operate.Warn, "version "+next)
	if db.partition == "month" {
		var last sql.NullString
		if err := db.sql.QueryRowContext(t.Context(), "SELECT max(relname::text) FROM pg_class WHERE relname ~ '^activity_log_p[0-9]*$'").Scan(&last); err != nil {
			t.Fatal(err)
		}
		db.exec(t, "DROP TABLE "+last.String)
		find("partitions", operate.Warn, "no partition from")
		db.exec(t, "DO $$ DECLARE p text; BEGIN FOR p IN SELECT relname FROM pg_class WHERE relname ~ '^activity_log_p[0-9]*$' LOOP EXECUTE 'DROP TABLE ' || p; END LOOP; END $$")
		find("partitions", operate.Fail, "activity_log_default")
	}
	if db.driver != "clickhouse" { // where the view of it stays
		db.exec(t, "DROP TABLE activity_log_dead_letter")
		find("table", operate.Fail, "activity_log_dead_letter")
	}
	if _, ok := db.dialect.(dialect.Describer); ok && db.driver != "clickhouse" {
		db.exec(t, "ALTER TABLE activity_log RENAME TO away")
		table = db.table(t)
		find("table", operate.Fail, "activity_log")
		if todo := table.Check(t.Context())[0].Todo; !strings.Contains(todo, "drop activity_log_schema as well") {
			t.Errorf("got %s", todo)
		}
	}
}

// unknownVersion: a question that failed does not say that no version is noted, after which
// all migrations would be applied.
func unknownVersion(t *testing.T, db *database) {
	table := db.created(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := table.Versions(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", v, err)
	}
	if pending, err := table.Pending(ctx); err == nil {
		t.Errorf("pending: got %v", pending)
	}
	all := table.Check(ctx)
	if !found(all, "version", operate.Warn, "read the version of the schema") {
		t.Errorf("got %+v", all)
	}
}

func missing(t *testing.T, db *database) {
	table := db.table(t)
	_, err := table.Drop(t.Context(), operate.Letters{})
	for doing, err := range map[string]error{"drop": err, "import": importErr(t, table)} {
		if err == nil || !strings.Contains(err.Error(), "activity_log") {
			t.Errorf("%s: got %v", doing, err)
		}
		if err != nil && db.password != "" && strings.Contains(err.Error(), db.password) {
			t.Errorf("%s: the error has the password: %v", doing, err)
		}
	}
	if !errors.Is(err, operate.ErrDatabase) || !strings.Contains(err.Error(), "schema check") {
		t.Errorf("got %v", err)
	}
	if all := table.Check(t.Context()); all[0].Level != operate.Fail || all[0].Todo != `"activitylog schema apply" creates it` {
		t.Errorf("got %+v", all)
	}
}
