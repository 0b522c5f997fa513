package operate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
)

// counts: they are off at first, and then those of the rows, whatever the command does.
func counts(t *testing.T, db *database) {
	table := db.created(t)
	if db.driver == "clickhouse" {
		if _, err := table.RebuildCounts(t.Context()); !errors.Is(err, operate.ErrConfig) || !strings.Contains(err.Error(), "clickhouse keeps no counts") {
			t.Errorf("got %v", err)
		}
		return
	}
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(-12 * time.Hour) // the same at each time of the day
	some := func(n int, at time.Time) (rows []row.Row) {
		for range n {
			rows = append(rows, rowAt(at, "counted"))
		}
		return rows
	}
	rows := append(some(5, noon), some(3, noon.Add(-13*time.Hour))...)
	db.exporter(t, rows...)
	if c, err := table.Counts(t.Context()); err != nil || c.State != "off" {
		t.Errorf("got %+v, %v", c, err)
	}
	if found(table.Doctor(t.Context()), "counts", operate.OK, "") {
		t.Error("the doctor has something to say about counts that are off")
	}
	if n, err := table.RebuildCounts(t.Context()); err != nil || n != 8 {
		t.Errorf("counted %d rows: %v", n, err)
	}
	db.exporter(t, append(some(7, noon), rows[0])...)
	db.exec(t, "DELETE FROM activity_log WHERE event_id = '"+rows[1].ID.String()+"'")
	if c, err := table.Counts(t.Context()); err != nil || c.State != "usable" || c.Rows != 14 || c.Size == 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	if all := table.Doctor(t.Context()); !found(all, "counts", operate.OK, "are those of the 3 rows") {
		t.Errorf("got %+v", all)
	}
	db.exec(t, "UPDATE activity_log_counts SET n = n + 1")
	if all := table.Doctor(t.Context()); !found(all, "counts", operate.Fail, "say 4 rows, and there are 3") {
		t.Errorf("got %+v", all)
	}
	db.exec(t, "UPDATE activity_log_counts_state SET state = 'broken'")
	if all := table.Doctor(t.Context()); !found(all, "counts", operate.Warn, "broken") {
		t.Errorf("got %+v", all)
	}
	foldsAndEnds(t, db, table)
}

func foldsAndEnds(t *testing.T, db *database, table *operate.Table) {
	t.Helper()
	if _, err := table.RebuildCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 600 { // by hand, so that each is counted alone
		db.exec(t, "INSERT INTO activity_log_counts (hour, action_type, status, n) SELECT min(hour), 'x', 'y', 1 FROM activity_log_counts")
	}
	if saved, err := table.FoldCounts(t.Context()); err != nil || saved < 599 {
		t.Errorf("saved %d counts: %v", saved, err)
	}
	db.number(t, 600, "SELECT n FROM activity_log_counts WHERE action_type = 'x'")
	db.exec(t, "DELETE FROM activity_log")
	if all := table.Doctor(t.Context()); !found(all, "counts", operate.Fail, "say 600 rows, and the table is empty") {
		t.Errorf("got %+v", all)
	}
	if err := table.RemoveCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.exporter(t, makeRows(1)...)
	db.number(t, 0, "SELECT count(*) FROM activity_log_counts")
}

// A server with a binary log lets no ordinary account create triggers. The error says so once,
// and what to do.
func TestCountsWithBinaryLog(t *testing.T) {
	server := mariaServer(t, "--log-bin=bin", "--server-id=1")
	db := server.open(t)
	table := db.created(t)
	if _, err := table.RebuildCounts(t.Context()); err != nil {
		t.Fatal("the owner of the server may not create triggers: ", err)
	}
	_, name, _ := strings.Cut(db.dsn, "/")
	db.exec(t, "CREATE USER ordinary IDENTIFIED BY '"+mariatest.Password+"'")
	db.exec(t, "GRANT ALL ON "+name+".* TO ordinary")
	_, at, _ := strings.Cut(db.dsn, "@")
	cfg := db.config()
	cfg.DSN = "ordinary:" + mariatest.Password + "@" + at
	table = db.open(t, cfg)
	_, rebuilt := table.RebuildCounts(t.Context())
	for doing, err := range map[string]error{"count the rows of activity_log": rebuilt, "turn off the counts": table.RemoveCounts(t.Context())} {
		if text := fmt.Sprint(err); !strings.HasPrefix(text, doing+": ") || strings.Count(text, doing) != 1 ||
			!strings.HasSuffix(text, "; set log_bin_trust_function_creators = 1 on the server, or use an account with the right SUPER") {
			t.Errorf("got %s", text)
		}
	}
}
