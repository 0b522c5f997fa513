package operate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func healthy(t *testing.T, db *database) {
	table := db.created(t)
	db.exporter(t, makeRows(5)...)
	all := table.Doctor(t.Context())
	worst(t, all, operate.OK)
	for _, about := range []string{"table", "version", "schema", "rights", "clock", "rows", "dead letters"} {
		if !slices.ContainsFunc(all, func(f operate.Finding) bool { return f.About == about }) {
			t.Errorf("nothing is said about %s: %+v", about, all)
		}
	}
	db.count(t, 5, 0) // the test row was rolled back
}

func found(all []operate.Finding, about string, level operate.Level, text string) bool {
	return slices.ContainsFunc(all, func(f operate.Finding) bool {
		return f.About == about && f.Level == level && strings.Contains(f.Text, text)
	})
}

func unhealthy(t *testing.T, db *database) {
	table := db.created(t)
	if all := table.Doctor(t.Context()); !found(all, "rows", operate.Warn, "no rows") {
		t.Errorf("got %+v", all)
	}
	db.rejected(t, 2)
	db.exporter(t, rowAt(time.Now().Add(3*time.Hour), "from the future"))
	all := table.Doctor(t.Context())
	if !found(all, "dead letters", operate.Warn, "2, of which 0 are conflicts") {
		t.Errorf("got %+v", all)
	}
	if !found(all, "rows", operate.Warn, "ahead of") {
		t.Errorf("got %+v", all)
	}
	name := newName()
	switch db.driver {
	case "postgres":
		db.exec(t, "CREATE ROLE "+name+" LOGIN PASSWORD '"+db.password+"'")
		db.reader(t, name, strings.Replace(db.dsn, "activity:", name+":", 1))
	case "mariadb":
		db.exec(t, "CREATE USER "+name+"@'127.0.0.1' IDENTIFIED BY '"+db.password+"'")
		db.reader(t, name+"@127.0.0.1", strings.Replace(db.dsn, "activity:", name+":", 1))
	case "clickhouse":
		db.inserter(t, strings.Replace(db.dsn, "http://", "http://inserter@", 1)) // of chdbtest
	case "sqlite":
		db.reader(t, "", db.dsn+"?mode=ro")
	}
	db.exec(t, "DROP TABLE activity_log_dead_letter")
	for _, f := range table.Doctor(t.Context()) {
		if strings.Contains(f.Todo, "account") {
			t.Errorf("a table is not there, and the advice is about the account: %+v", f)
		}
	}
}

// inserter checks what an account that may only insert gets.
func (db *database) inserter(t *testing.T, dsn string) {
	t.Helper()
	cfg := db.config()
	cfg.DSN = dsn
	table := db.open(t, cfg)
	all := table.Doctor(t.Context())
	if found(all, "rights", operate.Fail, "") || !found(all, "dead letters", operate.Warn, "Not enough privileges") {
		t.Errorf("got %+v", all)
	}
	if !slices.ContainsFunc(all, func(f operate.Finding) bool {
		return strings.HasPrefix(f.Todo, "use an account that may read activity_log_dead_letter")
	}) {
		t.Errorf("no word of the account: %+v", all)
	}
	_, retried := table.Retry(t.Context(), operate.Letters{}, false, func(operate.Letter, operate.Outcome, string) {})
	_, dropped := table.Drop(t.Context(), operate.Letters{})
	for doing, err := range map[string]error{"drop": dropped, "retry": retried, "prune": table.Prune(t.Context(), time.Now())} {
		if !errors.Is(err, operate.ErrDenied) {
			t.Errorf("%s: got %v", doing, err)
		}
	}
	db.count(t, 1, 2)
}

// reader checks what an account that may only read gets.
func (db *database) reader(t *testing.T, account, dsn string) {
	t.Helper()
	cfg := db.config()
	if account != "" {
		grants, err := operate.Grants(cfg, "auditor", account)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range grants {
			db.exec(t, statement)
		}
	}
	cfg.DSN = dsn
	table := db.open(t, cfg)
	all := table.Doctor(t.Context())
	if !found(all, "rights", operate.Warn, "may not insert") {
		t.Errorf("got %+v", all)
	}
	for _, f := range all {
		if f.Level == operate.Fail && f.About != "rights" || f.Level != operate.OK && f.About == "view" {
			t.Errorf("got %+v", f)
		}
	}
	if account != "" && !found(all, "version", operate.Warn, "may not read activity_log_schema") {
		t.Errorf("got %+v", all)
	}
	if got := len(letters(t, table, operate.Letters{})); got != 2 {
		t.Errorf("an auditor sees %d dead letters, want 2", got)
	}
	_, dropped := table.Drop(t.Context(), operate.Letters{})
	_, retried := table.Retry(t.Context(), operate.Letters{}, false, func(operate.Letter, operate.Outcome, string) {})
	for doing, err := range map[string]error{"drop": dropped, "retry": retried} {
		if !errors.Is(err, operate.ErrDenied) || strings.Contains(fmt.Sprint(err), db.password) && db.password != "" {
			t.Errorf("%s: got %v", doing, err)
		}
	}
	db.count(t, 1, 2)
}

func prunes(t *testing.T, db *database) {
	db.created(t)
	var said []string
	cfg := db.config()
	cfg.Note = func(text string) { said = append(said, text) }
	table := db.open(t, cfg)
	before := time.Now().Add(-100 * 24 * time.Hour)
	var rows []row.Row
	for day := range 40 { // from 80 to 120 days ago
		rows = append(rows, rowAt(time.Now().Add(-time.Duration(80+day)*24*time.Hour-time.Hour), fmt.Sprint(day)))
	}
	rows = append(rows, makeRows(5)...)
	late := rowAt(before.Add(-400*24*time.Hour), "claims to be old")
	dead := rowAt(before.Add(-time.Hour), "a dead letter")
	dead.Text[row.ActorID] = "refused"
	db.exec(t, db.refuse)
	db.exporter(t, append(rows, dead)...)
	db.exec(t, db.repair)
	for _, name := range []string{"activity_log", "activity_log_dead_letter"} {
		db.exec(t, fmt.Sprintf(db.old, name))
	}
	db.exporter(t, late)
	db.count(t, 46, 1)

	old, err := table.CountOld(t.Context(), before)
	if err != nil || old.Rows != 20 || old.Letters != 1 || len(old.Partitions) != 0 {
		t.Errorf("got %+v, %v, want 20 rows and a dead letter", old, err)
	}
	if err := table.Prune(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if want := "deleted 21 rows and dead letters"; strings.Join(said, "\n") != want && db.driver != "clickhouse" { // which does not say how many
		t.Errorf("got %q, want %q", said, want)
	}
	db.count(t, 26, 0) // with the row that was recorded just now
	if old, err = table.CountOld(t.Context(), before); err != nil || !old.Nothing() {
		t.Errorf("then: got %+v, %v", old, err)
	}
	if err := table.Prune(t.Context(), time.Now().Add(time.Hour)); !errors.Is(err, operate.ErrConfig) {
		t.Errorf("in the future: got %v", err)
	}
	if db.partition == "month" {
		prunesPartitions(t, db, table)
	}
}

// prunesPartitions adds a partition of a month that has ended, whose rows are old but
// one.
func prunesPartitions(t *testing.T, db *database, table *operate.Table) {
	t.Helper()
	month := time.Now().UTC().AddDate(0, -12, 0)
	month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	end := month.AddDate(0, 1, 0)
	db.exec(t, fmt.Sprintf("CREATE TABLE activity_log_old PARTITION OF activity_log FOR VALUES FROM ('%s') TO ('%s')",
		month.Format(time.RFC3339), end.Format(time.RFC3339)))
	db.exporter(t, rowAt(month.Add(time.Hour), "old"), rowAt(month.Add(2*time.Hour), "old too"))
	db.exec(t, "UPDATE activity_log_old SET recorded_at = action_time")
	db.exporter(t, rowAt(month.Add(3*time.Hour), "late"))
	middle, err := table.CountOld(t.Context(), month.Add(24*time.Hour))
	if err != nil || len(middle.Partitions) != 0 || middle.Kept == nil || middle.Kept.Rows != 3 {
		t.Errorf("within the month: got %+v, %v", middle, err)
	}
	old, err := table.CountOld(t.Context(), end)
	if err != nil || len(old.Partitions) != 1 || old.Partitions[0].Name != "activity_log_old" || old.Partitions[0].Rows != 3 || old.Kept != nil {
		t.Errorf("got %+v, %v", old, err)
	}
	if err := table.Prune(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	db.count(t, 27, 0)
	db.number(t, 1, "SELECT count(*) FROM activity_log_default WHERE remarks = 'late'")
}
