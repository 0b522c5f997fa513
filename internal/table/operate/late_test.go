package operate_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// lateTable opens the table of db as the values of --partition and --late-indexes say.
func lateTable(t *testing.T, db *database, partition, late string) *operate.Table {
	t.Helper()
	cfg := db.config()
	cfg.Partition, cfg.LateIndexes = partition, late
	return db.open(t, cfg)
}

func applyLate(t *testing.T, table *operate.Table, changed bool) {
	t.Helper()
	if done, err := table.Apply(t.Context()); err != nil || done.Indexes != changed {
		t.Errorf("got %+v, %v, want indexes that changed: %v", done, err, changed)
	}
	worst(t, table.Check(t.Context()), operate.OK)
}

// hasLate checks what is found about late indexes; "" means nothing.
func hasLate(t *testing.T, table *operate.Table, want operate.Level, text string) {
	t.Helper()
	for _, f := range table.Check(t.Context()) {
		switch {
		case f.About != "late indexes" && f.Level != operate.OK:
			t.Errorf("got %+v", f)
		case f.About == "late indexes" && (f.Level != want || text == "" || !strings.Contains(f.Text, text)):
			t.Errorf("got %+v, want %s with %q", f, want, text)
		case f.About == "late indexes":
			return
		}
	}
	if text != "" {
		t.Errorf("nothing is found about late indexes, want %s with %q", want, text)
	}
}

// Late indexes are turned on and off by the command, which also sees by itself whether
// a table has them, and calls nothing a fault that is right.
func TestLateIndexes(t *testing.T) {
	server := postgresServer(t, dialect.PartitionMonth)
	db := server.open(t)
	applyLate(t, lateTable(t, db, "month", "on"), true)
	db.exporter(t, makeRows(3)...) // which does not know of them
	for _, partition := range []string{"", "month"} {
		table := lateTable(t, db, partition, "")
		hasLate(t, table, operate.OK, "on: partitions get those")
		applyLate(t, table, false)
		worst(t, table.Doctor(t.Context()), operate.OK)
	}
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	execute(t, "pgx", db.dsn, "DROP INDEX "+last+"_actor")
	table := lateTable(t, db, "", "")
	hasLate(t, table, operate.Warn, last+"_actor")
	applyLate(t, table, true)

	applyLate(t, lateTable(t, db, "", "off"), true)
	table = lateTable(t, db, "", "")
	hasLate(t, table, "", "")
	applyLate(t, table, false)
	applyLate(t, lateTable(t, db, "", "off"), false)
	// As if it had been turned off, but not to the end.
	next := dialect.PartitionMonth.Add(time.Now(), 1).Format("activity_log_p20060102")
	execute(t, "pgx", db.dsn, "DROP INDEX activity_log_trace_idx", "CREATE INDEX activity_log_trace_idx ON ONLY activity_log USING hash (trace_id)")
	hasLate(t, lateTable(t, db, "", ""), operate.Warn, next+"_trace")
	applyLate(t, lateTable(t, db, "", "off"), true)
	applyLate(t, lateTable(t, db, "", "on"), true)
	db.count(t, 3, 0)
}

// What is left of late indexes that were turned on, but not to the end, is said, and goes on
// or back.
func TestLateIndexesTwice(t *testing.T) {
	server := postgresServer(t, dialect.PartitionMonth)
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	for _, late := range []string{"on", "off"} {
		t.Run(late, func(t *testing.T) {
			db := server.open(t)
			applyAsPlanned(t, db, "month", "")
			db.exec(t, "CREATE INDEX "+last+"_actor ON "+last+" (actor_id, action_time)")
			hasLate(t, lateTable(t, db, "", ""), operate.Warn, "that is not finished; these are there beside parts of the table's index: "+last+"_actor")
			applyAsPlanned(t, db, "", late)
			hasLate(t, lateTable(t, db, "", ""), operate.OK, map[string]string{"on": "on: partitions get those", "off": ""}[late])
		})
	}
}

// While somebody else makes them, nothing waits, and it is said that late indexes were left to them.
func TestLateIndexesByAnother(t *testing.T) {
	db := postgresServer(t, dialect.PartitionMonth).open(t)
	applyLate(t, lateTable(t, db, "month", ""), false)
	tx, err := db.sql.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var held bool
	if err := tx.QueryRowContext(t.Context(), dialect.Postgres{}.LateLock("activity_log")).Scan(&held); err != nil || !held {
		t.Fatal(held, err)
	}
	for late, want := range map[string]string{"on": "Somebody else makes or drops indexes of this table at this moment", "": ""} {
		said := ""
		cfg := db.config()
		cfg.LateIndexes, cfg.Note = late, func(text string) { said += text }
		if done, err := db.open(t, cfg).Apply(t.Context()); err != nil || done.Indexes || !strings.Contains(said, want) || want == "" && said != "" {
			t.Errorf("late indexes %q: got %+v, %v, %q", late, done, err, said)
		}
	}
	if _, err := lateTable(t, db, "", "off").Apply(t.Context()); err == nil || !strings.Contains(err.Error(), "at this moment") {
		t.Errorf("got %v", err)
	}
}

// The command does not try again by itself, so it does not say so.
func TestLateIndexesDenied(t *testing.T) {
	db := postgresServer(t, dialect.PartitionMonth).open(t)
	applyLate(t, lateTable(t, db, "month", ""), false)
	db.exec(t, "CREATE ROLE late_writer LOGIN PASSWORD '"+pgtest.Password+"'")
	db.exec(t, "GRANT ALL ON ALL TABLES IN SCHEMA public TO late_writer")
	cfg := db.config()
	cfg.LateIndexes, cfg.DSN = "on", strings.Replace(cfg.DSN, "activity:", "late_writer:", 1)
	_, err := db.open(t, cfg).Apply(t.Context())
	if !errors.Is(err, operate.ErrDenied) || !strings.Contains(err.Error(), "only the owner of activity_log may make and drop its indexes") ||
		strings.Contains(err.Error(), "hour") || strings.Contains(err.Error(), "as before") {
		t.Errorf("got %v", err)
	}
}

// The printed SQL makes a table with late indexes.
func TestLateIndexesPrinted(t *testing.T) {
	server := postgresServer(t, dialect.PartitionMonth)
	db := server.open(t)
	text, err := operate.Script(operate.Config{Driver: "postgres", Partition: "month", LateIndexes: "on"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, "pgx", db.dsn, text)
	applyLate(t, lateTable(t, db, "", ""), false) // the last month gets its own when it is made
	hasLate(t, lateTable(t, db, "", ""), operate.OK, "on: partitions get those")
	db.number(t, 0, "SELECT count(*) FROM pg_indexes WHERE indexname IN ('activity_log_actor_idx', 'activity_log_trace_idx')")
	db.number(t, 4, "SELECT count(*) FROM pg_indexes WHERE indexname ~ '(default|_p[0-9]+)_(actor|trace)$'")
}

// The SQL that is printed without late indexes makes those that are there parts of the
// table's index. The command says so, and turns them on, or off, again.
func TestLateIndexesTakenBySQL(t *testing.T) {
	server := postgresServer(t, dialect.PartitionMonth)
	plain, err := operate.Script(operate.Config{Driver: "postgres", Partition: "month"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	indexes := regexp.MustCompile(`CREATE INDEX IF NOT EXISTS "activity_log_(actor|trace)_idx"[^;]+;`).FindAllString(plain, -1)
	if len(indexes) != 2 {
		t.Fatalf("the printed SQL has the indexes %q", indexes)
	}
	last := dialect.PartitionMonth.Add(time.Now(), -1).Format("activity_log_p20060102")
	for name, sql := range map[string]string{"both": strings.Join(indexes, ""), "one": indexes[0]} {
		for _, late := range []string{"on", "off"} {
			t.Run(name+", then "+late, func(t *testing.T) {
				db := server.open(t)
				applyLate(t, lateTable(t, db, "month", "on"), true)
				db.exporter(t, makeRows(3)...)
				execute(t, "pgx", db.dsn, sql)
				hasLate(t, lateTable(t, db, "", ""), operate.Warn, last+"_actor")
				worst(t, lateTable(t, db, "", "").Doctor(t.Context()), operate.Warn)

				applyLate(t, lateTable(t, db, "", late), true)
				want := map[string]string{"on": "on: partitions get those", "off": ""}[late]
				hasLate(t, lateTable(t, db, "", ""), operate.OK, want)
				applyLate(t, lateTable(t, db, "", "on"), late == "off")
				hasLate(t, lateTable(t, db, "", ""), operate.OK, "on: partitions get those")
				db.number(t, 4, "SELECT count(*) FROM pg_indexes WHERE indexname ~ '(default|_p[0-9]+)_(actor|trace)$'")
				db.number(t, 0, "SELECT count(*) FROM pg_indexes WHERE indexname ~ '2$'")
				db.count(t, 3, 0)
			})
		}
	}
}

func TestLateIndexesRefused(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  operate.Config
		want string
	}{
		"another word":      {operate.Config{Driver: "postgres", Partition: "month", LateIndexes: "yes"}, `late indexes must be "on" or "off"; got "yes"`},
		"without partition": {operate.Config{Driver: "postgres", Partition: "none", LateIndexes: "on"}, "only tables of postgres with partitions have late indexes"},
		"of another":        {operate.Config{Driver: "mysql", LateIndexes: "on"}, "only tables of postgres with partitions have late indexes"},
		"printed":           {operate.Config{Driver: "postgres", LateIndexes: "on"}, "late indexes need --partition month or day"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := operate.Script(c.cfg, 0); !errors.Is(err, operate.ErrConfig) || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	db := postgresServer(t, dialect.PartitionNone).open(t)
	cfg := db.config()
	cfg.LateIndexes = "on"
	if _, err := operate.Open(t.Context(), cfg); !errors.Is(err, operate.ErrOption) || errors.Is(err, operate.ErrDatabase) || !strings.Contains(err.Error(), "--partition month or day") {
		t.Errorf("of no table: got %v", err)
	}
	db.exporter(t, slices.Clone(makeRows(1))...)
	if _, err := operate.Open(t.Context(), cfg); !errors.Is(err, operate.ErrOption) || errors.Is(err, operate.ErrDatabase) || !strings.Contains(err.Error(), "has no partitions, so it can have no late indexes") {
		t.Errorf("got %v", err)
	}
}
