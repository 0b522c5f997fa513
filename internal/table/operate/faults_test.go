package operate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// interrupted calls do with contexts that end after a random while, longer from try to
// try, until it succeeds. It returns how often that took.
func interrupted(t *testing.T, do func(context.Context) error) int {
	t.Helper()
	for try := 1; ; try++ {
		after := time.Duration(rand.Int64N(int64(try) * int64(4*time.Millisecond)))
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := do(ctx)
		cancel()
		if err == nil {
			return try
		}
		if try > 500 {
			t.Fatalf("it does not succeed: %v", err)
		}
	}
}

func retriesInterrupted(t *testing.T, db *database) {
	table := db.created(t)
	rows := db.rejected(t, 450)
	tries := interrupted(t, func(ctx context.Context) error {
		_, err := table.Retry(ctx, operate.Letters{}, false, func(l operate.Letter, o operate.Outcome, why string) {
			t.Errorf("%s: %s, %s", l.ID, o, why)
		})
		return err
	})
	t.Logf("interrupted %d times", tries-1)
	db.count(t, 450, 0)
	wholeRows(t, table, rows)
}

func importsInterrupted(t *testing.T, db *database) {
	table := db.created(t)
	rows := makeRows(600)
	text := jsonLines(rows)
	written := 0
	tries := interrupted(t, func(ctx context.Context) error {
		counts, err := table.Import(ctx, strings.NewReader(text), false, func(line int, id activity.ID, o operate.Outcome, why string) {
			t.Errorf("line %d: %s, %s, %s", line, id, o, why)
		}, func(operate.Imported) {})
		written += counts[operate.Written]
		return err
	})
	t.Logf("interrupted %d times", tries-1)
	if written > 600 {
		t.Errorf("%d rows were said to be written, of 600", written)
	}
	db.count(t, 600, 0)
	wholeRows(t, table, rows)
}

func appliesInterrupted(t *testing.T, db *database) {
	db.table(t)
	tries := interrupted(t, func(ctx context.Context) error {
		cfg := db.config()
		cfg.Partition = db.partition
		table, err := operate.Open(ctx, cfg)
		if err != nil {
			return err
		}
		defer table.Close()
		_, err = table.Apply(ctx)
		return err
	})
	t.Logf("interrupted %d times", tries-1)
	worst(t, db.table(t).Check(t.Context()), operate.OK)
	db.exporter(t, makeRows(3)...)
	db.count(t, 3, 0)
}

// opensInterrupted: a table that could be opened knows its partitions. Without them, prune
// would delete single rows of a partition that is to stay.
func opensInterrupted(t *testing.T, db *database) {
	db.created(t)
	for try := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), rand.N(time.Duration(1+try)*100*time.Microsecond))
		table, err := operate.Open(ctx, db.config())
		cancel()
		if err != nil {
			continue
		}
		if all := table.Check(t.Context()); !found(all, "table", operate.OK, "") {
			t.Errorf("got %+v", all)
		}
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	}
}

// importsAnything imports text of all kinds, and finds it as it was.
func importsAnything(t *testing.T, db *database) {
	table := db.created(t)
	random := rand.New(rand.NewPCG(1, 2)) // the same in each run
	rows := makeRows(300)
	for i := range rows {
		for column := range rows[i].Text {
			switch column {
			case row.Data:
				rows[i].Text[column] = `{"a":` + quoted(random) + `,"list":[` + quoted(random) + `,-0.5,1e3,{}],` + quoted(random) + `:null}`
			case row.ActionType, row.Status, row.Source:
				rows[i].Text[column] = "x" + anything(random)
			default:
				rows[i].Text[column] = anything(random)
			}
		}
	}
	counts, said := importText(t, table, jsonLines(rows), false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 300})
	if said != "" {
		t.Error(said)
	}
	db.count(t, 300, 0)
	wholeRows(t, table, rows)
}

// anything returns text that databases take.
func anything(random *rand.Rand) string {
	pieces := []string{"", " ", "a", "'", `"`, `\`, `\n`, "\n", "\t", "\x01", "\x7f", "ä", "€", "😀", "\u202e", "%", "_", "?", "$1", ":a", "{}", "[", "NULL", "0", "-1", "e9", ";--", "\ufffd"}
	var text strings.Builder
	for range random.IntN(12) {
		text.WriteString(pieces[random.IntN(len(pieces))])
	}
	return text.String()
}

// quoted returns such text as JSON.
func quoted(random *rand.Rand) string { return string(row.AppendString(nil, anything(random))) }

// elsewhere uses a table in another schema, which is another database on MySQL and
// ClickHouse.
func elsewhere(t *testing.T, db *database) {
	if db.driver == "sqlite" {
		return // SQLite has no schemas
	}
	schema := "audit" + newName()
	create := "CREATE DATABASE " + schema
	if db.driver == "postgres" {
		create = "CREATE SCHEMA " + schema
	}
	db.exec(t, create)
	name := schema + ".activity_log"
	cfg := db.config()
	cfg.Partition, cfg.Table = db.partition, name
	table := db.open(t, cfg)
	if done, err := table.Apply(t.Context()); err != nil || len(done.Migrations) != newest {
		t.Fatalf("got %+v, %v", done, err)
	}
	worst(t, table.Check(t.Context()), operate.OK)
	cfg.Partition = ""
	table = db.open(t, cfg) // which finds the partitions
	worst(t, table.Check(t.Context()), operate.OK)

	rows := makeRows(20)
	counts, said := importText(t, table, jsonLines(rows[:10]), false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 10})
	if said != "" {
		t.Error(said)
	}
	db.letters(t, name, rows[10:])
	retried, _ := retry(t, table, operate.Letters{}, false)
	equal(t, retried, map[operate.Outcome]int{operate.Written: 10})
	wholeRows(t, table, rows)
	db.number(t, 20, "SELECT count(*) FROM "+name)
	db.number(t, 0, "SELECT count(*) FROM "+name+"_dead_letter")
	worst(t, table.Doctor(t.Context()), operate.OK)

	db.exec(t, fmt.Sprintf(db.old, name))
	old, err := table.CountOld(t.Context(), rows[5].ID.Time())
	want := 5
	if db.partition == "month" {
		want = 0 // they are in the partition of this month, or of the last
	}
	if err != nil || old.Rows != want {
		t.Errorf("got %+v, %v, want %d", old, err, want)
	}
	if err := table.Prune(t.Context(), rows[5].ID.Time()); err != nil {
		t.Error(err)
	}
	db.number(t, 20-want, "SELECT count(*) FROM "+name)
}

// letters writes dead letters by the statement of the exporter.
func (db *database) letters(t *testing.T, table string, rows []row.Row) {
	t.Helper()
	for i := range rows {
		args := []any{rows[i].ID.String(), db.dialect.Args(nil, &rows[i])[1], "a test", rows[i].JSON()}
		if _, err := db.sql.ExecContext(t.Context(), db.dialect.DeadLetter(table), args...); err != nil {
			t.Fatal(err)
		}
	}
}

// importsUntilTheFileBreaks: what was read before is written when that is whole.
func importsUntilTheFileBreaks(t *testing.T, db *database) {
	table := db.created(t)
	rows := makeRows(3)
	text := io.MultiReader(strings.NewReader(jsonLines(rows)), broken{})
	counts, err := table.Import(t.Context(), text, false, nil, func(operate.Imported) {})
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "after line 3") || counts[operate.Written] != 0 {
		t.Errorf("got %v, %v", counts, err)
	}
	db.count(t, 0, 0)
	text = io.MultiReader(strings.NewReader(jsonLines(rows)), strings.NewReader(strings.TrimSuffix(jsonLines(rows[:1]), "}\n")))
	counts, err = table.Import(t.Context(), text, false, func(int, activity.ID, operate.Outcome, string) {}, func(operate.Imported) {})
	if err != nil {
		t.Error(err)
	}
	equal(t, counts, map[operate.Outcome]int{operate.Written: 3, operate.Unreadable: 1}) // the last line is cut
	db.count(t, 3, 0)
}

// foreign has a dead letter, and a row, that others have written: with ids that are not
// those of activities.
func foreign(t *testing.T, db *database) {
	table := db.created(t)
	const id = "0b0e7a52-2f1c-4d8e-9a51-3c1f0f5f0001" // version 4
	into, at := "activity_log_dead_letter", "'2026-11-01 00:00:00'"
	columns, values := "event_id, action_time, reason, record", "'"+id+"', "+at+", 'by hand', '{}'"
	if db.driver == "clickhouse" {
		into += "_store"
	}
	db.exec(t, "INSERT INTO "+into+" ("+columns+") VALUES ("+values+")")
	all := letters(t, table, operate.Letters{})
	if len(all) != 1 || all[0].ID.String() != id {
		t.Fatalf("got %+v", all)
	}
	counts, said := retry(t, table, operate.Letters{}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Unreadable: 1})
	if !strings.Contains(said, id) {
		t.Errorf("got %s", said)
	}
	if n, err := table.Drop(t.Context(), operate.Letters{IDs: []activity.ID{all[0].ID}}); err != nil || n != 1 {
		t.Errorf("got %d, %v", n, err)
	}
	db.count(t, 0, 0)
}

// unknownTable has a table of somebody else's under our name.
func unknownTable(t *testing.T, db *database) {
	table := db.table(t)
	into := map[string]string{"clickhouse": "activity_log_store (event_id UUID) ENGINE = Memory"}[db.driver]
	if into == "" {
		into = "activity_log (event_id integer, other varchar(10))"
	}
	db.exec(t, "CREATE TABLE "+into)
	all := table.Check(t.Context())
	if !found(all, "table", operate.Fail, "has no column") || !strings.Contains(all[0].Todo, "schema print") || strings.Contains(all[0].Todo, "schema apply") {
		t.Errorf("got %+v", all)
	}
	if len(all) != 2 {
		t.Errorf("more than the table and its version is looked at: %+v", all)
	}
	if _, err := table.Apply(t.Context()); err == nil {
		t.Error("the schema was applied")
	}
}
