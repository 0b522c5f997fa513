package operate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// rejected writes rows of which the table rejects each, and then would take them.
func (db *database) rejected(t *testing.T, n int) []row.Row {
	t.Helper()
	rows := makeRows(n)
	for i := range rows {
		rows[i].Text[row.ActorID] = "refused"
	}
	db.exec(t, db.refuse)
	db.exporter(t, rows...)
	db.exec(t, db.repair)
	return rows
}

func letters(t *testing.T, table *operate.Table, f operate.Letters) (all []operate.Letter) {
	t.Helper()
	for l, err := range table.Letters(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// retry retries dead letters and returns the outcomes, and what was reported.
func retry(t *testing.T, table *operate.Table, f operate.Letters, dry bool) (operate.Retried, string) {
	t.Helper()
	var said strings.Builder
	counts, err := table.Retry(t.Context(), f, dry, func(l operate.Letter, outcome operate.Outcome, why string) {
		fmt.Fprintln(&said, l.ID, outcome, why)
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts, said.String()
}

func equal[M ~map[operate.Outcome]int](t *testing.T, got M, want map[operate.Outcome]int) {
	t.Helper()
	for _, outcome := range []operate.Outcome{operate.Written, operate.There, operate.Conflicting, operate.Rejected, operate.Unreadable} {
		if got[outcome] != want[outcome] {
			t.Errorf("got %v, want %v", got, want)
			return
		}
	}
}

// wholeRows compares the table with rows, by an import that finds them there.
func wholeRows(t *testing.T, table *operate.Table, rows []row.Row) {
	t.Helper()
	counts, said := importText(t, table, jsonLines(rows), true)
	if counts[operate.There] != len(rows) || said != "" {
		t.Errorf("the table has %d of %d rows as they were: %s", counts[operate.There], len(rows), said)
	}
}

func retries(t *testing.T, db *database) {
	table := db.created(t)
	rows := db.rejected(t, 450) // more than are read at once
	db.count(t, 0, 450)
	counts, _ := retry(t, table, operate.Letters{}, true)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 450})
	db.count(t, 0, 450)
	counts, _ = retry(t, table, operate.Letters{IDs: []activity.ID{rows[7].ID}}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 1})
	db.count(t, 1, 449)
	counts, said := retry(t, table, operate.Letters{}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 449})
	db.count(t, 450, 0)
	if said != "" {
		t.Errorf("got %s", said)
	}
	wholeRows(t, table, rows)
	db.exporter(t, rows...) // when they are received again
	db.count(t, 450, 0)
	counts, _ = retry(t, table, operate.Letters{}, false)
	equal(t, counts, nil)
}

func retriesRejected(t *testing.T, db *database) {
	table := db.created(t)
	rows := db.rejected(t, 10)
	// Of these, the table still rejects the fourth.
	for i := range rows {
		if i != 3 {
			db.replaceRecord(t, rows[i].ID, func(record string) string {
				return strings.Replace(record, `"actor_id":"refused"`, `"actor_id":"fixed"`, 1)
			})
		}
	}
	db.replaceRecord(t, rows[8].ID, func(string) string { return "not JSON" })
	db.exec(t, db.refuse)
	counts, said := retry(t, table, operate.Letters{}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 8, operate.Rejected: 1, operate.Unreadable: 1})
	db.count(t, 8, 2)
	for _, part := range []string{rows[3].ID.String() + " rejected", rows[8].ID.String() + " unreadable", "JSON object"} {
		if !strings.Contains(said, part) {
			t.Errorf("no %q in %s", part, said)
		}
	}
	left := letters(t, table, operate.Letters{})
	if len(left) != 2 || left[0].ID != rows[3].ID || left[1].ID != rows[8].ID {
		t.Errorf("left are %+v", left)
	}
}

// replaceRecord changes the record of a dead letter, as somebody who repairs it does.
func (db *database) replaceRecord(t *testing.T, id activity.ID, change func(string) string) {
	t.Helper()
	var record string
	query := "SELECT record FROM activity_log_dead_letter WHERE event_id = '" + id.String() + "'"
	if err := db.sql.QueryRowContext(t.Context(), query).Scan(&record); err != nil {
		t.Fatal(err)
	}
	record = strings.ReplaceAll(strings.ReplaceAll(change(record), `'`, `''`), `\`, `\\`)
	switch db.driver {
	case "clickhouse":
		db.exec(t, "ALTER TABLE activity_log_dead_letter_store UPDATE record = '"+record+"' WHERE event_id = '"+id.String()+"' SETTINGS mutations_sync = 2")
		return
	case "sqlite", "postgres":
		record = strings.ReplaceAll(record, `\\`, `\`)
	}
	db.exec(t, "UPDATE activity_log_dead_letter SET record = '"+record+"' WHERE event_id = '"+id.String()+"'")
}

func retriesConflicts(t *testing.T, db *database) {
	table := db.created(t)
	rows := db.rejected(t, 3)
	same, other := rows[0], rows[1]
	same.Text[row.Remarks] = "the other signal of the same activity"
	other.Text[row.ActorID] = "mallory"
	db.exporter(t, same, other)
	counts, _ := retry(t, table, operate.Letters{}, true)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 1, operate.There: 1, operate.Conflicting: 1})
	db.count(t, 2, 3)
	counts, said := retry(t, table, operate.Letters{}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 1, operate.There: 1, operate.Conflicting: 1})
	if !strings.Contains(said, rows[1].ID.String()+" conflict") {
		t.Errorf("got %s", said)
	}
	db.count(t, 3, 1)
	present, err := table.Present(t.Context(), rows[1].ID)
	if err != nil || !strings.Contains(present, `"mallory"`) {
		t.Errorf("the row has become %s, %v", present, err)
	}
	if db.driver == "clickhouse" {
		return // where the exporter does not compare
	}
	forged := rows[2]
	forged.Text[row.ActorID] = "eve"
	db.exporter(t, forged)
	db.count(t, 3, 2)
	all := letters(t, table, operate.Letters{IDs: []activity.ID{rows[2].ID}})
	if len(all) != 1 || !all[0].Conflict() {
		t.Fatalf("got %+v", all)
	}
	counts, _ = retry(t, table, operate.Letters{IDs: []activity.ID{rows[2].ID}}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Conflicting: 1})
	db.exec(t, "DELETE FROM activity_log") // even then: which one is true, nobody knows
	counts, _ = retry(t, table, operate.Letters{IDs: []activity.ID{rows[2].ID}}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Conflicting: 1})
	db.count(t, 0, 2)
}

// sharded looks like a cluster of ClickHouse, where nothing must be written that cannot
// be finished.
func sharded(t *testing.T, db *database) {
	if db.driver != "clickhouse" {
		return // it is about clusters of ClickHouse
	}
	table := db.created(t)
	db.rejected(t, 2)
	db.exec(t, "RENAME TABLE activity_log_store TO activity_log_local")
	db.exec(t, "CREATE TABLE activity_log_store AS activity_log_local ENGINE = Distributed('single', currentDatabase(), 'activity_log_local')")
	_, retried := table.Retry(t.Context(), operate.Letters{}, false, nil)
	_, dropped := table.Drop(t.Context(), operate.Letters{})
	for doing, err := range map[string]error{"retry": retried, "drop": dropped, "prune": table.Prune(t.Context(), time.Now())} {
		if !errors.Is(err, operate.ErrConfig) || !strings.Contains(err.Error(), "on each shard") {
			t.Errorf("%s: got %v", doing, err)
		}
	}
	db.number(t, 0, "SELECT count(*) FROM activity_log_local")
	db.number(t, 2, "SELECT count(*) FROM activity_log_dead_letter")
}

// retriesTaken retries two dead letters of one id: the exporter gave the second one
// another id, made from its content.
func retriesTaken(t *testing.T, db *database) {
	if db.driver == "clickhouse" {
		return // where the exporter does not compare
	}
	table := db.created(t)
	rows := makeRows(1)
	rows[0].Text[row.ActorID] = "refused"
	other := rows[0]
	other.Text[row.ObjectID] = "18"
	db.exec(t, db.refuse)
	db.exporter(t, rows[0])
	db.exporter(t, other)
	db.exec(t, db.repair)
	db.count(t, 0, 2)
	counts, said := retry(t, table, operate.Letters{}, false)
	equal(t, counts, map[operate.Outcome]int{operate.Written: 2})
	db.count(t, 2, 0)
	if said != "" {
		t.Errorf("got %s", said)
	}
	wholeRows(t, table, rows)
}

func retriesTogether(t *testing.T, db *database) {
	db.created(t)
	rows := db.rejected(t, 300)
	var wg sync.WaitGroup
	for range 3 {
		table := db.table(t)
		wg.Go(func() {
			counts, err := table.Retry(t.Context(), operate.Letters{}, false, func(l operate.Letter, o operate.Outcome, why string) {
				t.Errorf("%s: %s, %s", l.ID, o, why)
			})
			if err != nil {
				t.Errorf("%v, after %v", err, counts)
			}
		})
	}
	wg.Go(func() { db.exporter(t, rows...) }) // they are received again
	wg.Wait()
	table := db.table(t)
	retry(t, table, operate.Letters{}, false)
	db.count(t, 300, 0)
	wholeRows(t, table, rows)
}

func drops(t *testing.T, db *database) {
	table := db.created(t)
	rows := db.rejected(t, 250)
	before := time.Now()
	if all := letters(t, table, operate.Letters{}); len(all) != 250 || !slices.IsSortedFunc(all, func(a, b operate.Letter) int {
		return slices.Compare(a.ID[:], b.ID[:])
	}) || all[0].Reason == "" || time.Since(all[0].RecordedAt).Abs() > time.Hour {
		t.Fatalf("got %d, the first is %+v", len(all), all[0])
	}
	reasons, err := table.Reasons(t.Context())
	counted := 0
	for _, r := range reasons {
		counted += r.Letters
	}
	if err != nil || counted != 250 || !strings.Contains(reasons[0].Reason, "refuse") {
		t.Errorf("got %v, %v", reasons, err)
	}
	for name, c := range map[string]struct {
		f    operate.Letters
		want int
	}{
		"another reason": {operate.Letters{Reason: "no such reason"}, 0},
		"the reason":     {operate.Letters{Reason: "refuse"}, 250},
		"since then":     {operate.Letters{Since: before.Add(time.Hour)}, 0},
		"until now":      {operate.Letters{Until: before.Add(time.Hour)}, 250},
		"two ids":        {operate.Letters{IDs: []activity.ID{rows[1].ID, rows[200].ID, activity.NewID()}}, 2},
	} {
		if got := len(letters(t, table, c.f)); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	if n, err := table.Drop(t.Context(), operate.Letters{IDs: []activity.ID{rows[1].ID, rows[200].ID}}); err != nil || n != 2 {
		t.Errorf("got %d, %v", n, err)
	}
	db.count(t, 0, 248)
	if n, err := table.Drop(t.Context(), operate.Letters{}); err != nil || n != 248 {
		t.Errorf("got %d, %v", n, err)
	}
	db.count(t, 0, 0)
}
