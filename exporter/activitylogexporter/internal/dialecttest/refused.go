package dialecttest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

func refused(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.exec(h.Refuse)
	rows := Rows(1000)
	for _, bad := range []int{0, 499, 999} {
		rows[bad].Text[row.ActorID] = "refused"
	}
	o.write(slices.Clone(rows)...)
	o.write(slices.Clone(rows)...) // the same again: not two dead letters
	o.expect(997, "SELECT count(*) FROM activity_log")
	o.expect(3, "SELECT count(*) FROM activity_log_dead_letter")
	o.expect(3, "SELECT count(*) FROM activity_log_dead_letter WHERE reason <> '' AND record LIKE '%\"actor_id\":\"refused\"%'")
	o.log.expect(t, 997, 997, 3)
	var record string
	query := fmt.Sprintf("SELECT record FROM activity_log_dead_letter WHERE event_id = '%s'", rows[499].ID)
	if err := o.db.QueryRowContext(t.Context(), query).Scan(&record); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	o.sameJSON(record, rows[499].JSON())
}

// manyRefused: a sender can have any number of rows refused, and nobody waits for
// it, whether they come in one batch or one by one.
func manyRefused(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.exec(h.Refuse)
	rows := Rows(2000)
	for i := range rows {
		rows[i].Text[row.ActorID] = "refused"
	}
	o.write(slices.Clone(rows)...)
	o.expect(0, "SELECT count(*) FROM activity_log")
	o.expect(2000, "SELECT count(*) FROM activity_log_dead_letter")
	more := Rows(60)
	for i := range more {
		more[i].Text[row.ActorID] = "refused"
		o.write(more[i])
	}
	o.write(slices.Concat(Rows(100), rows[:100])...) // some of these dead letters are there
	o.expect(100, "SELECT count(*) FROM activity_log")
	o.expect(2060, "SELECT count(*) FROM activity_log_dead_letter")
	o.log.expect(t, 100, 0, 2060)
}

// wrongTable: that the table is wrong is found out by a row of our own, with the
// first batch, and then nothing becomes a dead letter.
func wrongTable(t *testing.T, h Harness) {
	if h.RefuseAll == "" {
		t.Log("does not apply: this database cannot take a test row back")
		return
	}
	o := h.open(t, h.New(t), nil)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.exec(h.RefuseAll)
	rows := Rows(500)
	for _, n := range []int{500, 1} {
		if err := o.Write(t.Context(), slices.Clone(rows[:n])); !errors.Is(err, store.ErrWrongSchema) {
			t.Fatalf("write %d rows to a table that takes none: got %v, want ErrWrongSchema", n, err)
		}
	}
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
	o.exec(h.RepairAll)
	o.write(rows...)
	o.expect(500, "SELECT count(*) FROM activity_log") // and no test row
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
}

// blocked: with on_refused: block the rows of a batch wait for the bad one.
func blocked(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), func(cfg *store.Config) { cfg.BlockOnRefused = true })
	o.write(Rows(1)...)
	o.exec(h.Refuse)
	rows := Rows(100)
	rows[50].Text[row.ActorID] = "refused"
	if err := o.Write(t.Context(), slices.Clone(rows)); err == nil {
		t.Fatal("write a row that is refused: no error")
	}
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
	o.exec(h.Repair)
	o.write(rows...)
	o.expect(101, "SELECT count(*) FROM activity_log")
}

// replayed: the documented SQL puts dead letters back, whole.
func replayed(t *testing.T, h Harness) {
	replay := dialect.Replay(h.Dialect, "activity_log")
	if replay == "" {
		t.Log("does not apply: this dialect documents no SQL for it")
		return
	}
	o := h.open(t, h.New(t), nil)
	o.write(Rows(1)...)
	o.exec(h.Refuse)
	rows := Rows(10)
	rows[3].Text[row.ActorID], rows[7].Text[row.ActorID] = "refused", "refused"
	rows[3].Text[row.Remarks] = "größer 'than' \"this\" \\ 日本 🙂\t\n"
	rows[3].Text[row.Data] = `{"n":[1,2.5,null,true,"ü\"\\"],"o":{"k":"v"},"objects":[{"id":"18","type":"article"}]}`
	rows[7].Text[row.ServiceName] = ""
	o.write(slices.Clone(rows)...)
	o.expect(2, "SELECT count(*) FROM activity_log_dead_letter")
	o.exec(h.Repair)
	for range 2 {
		o.exec(replay)
		o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
		o.expect(11, "SELECT count(*) FROM activity_log")
	}
	for i := range rows {
		o.compare(&rows[i])
	}
	if h.hasObjects(t) {
		o.expect(1, "SELECT count(*) FROM activity_log_objects WHERE object_type = 'article' AND object_id = '18' AND NOT is_main")
	}
}

// TimeRefused writes n rows in one batch, of which each every-th is refused, and
// returns what that took until all are where they belong.
func TimeRefused(t *testing.T, h Harness, n, every int) time.Duration {
	t.Helper()
	o := h.open(t, h.New(t), nil)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.exec(h.Refuse)
	rows := Rows(n)
	for i := 0; i < n; i += every {
		rows[i].Text[row.ActorID] = "refused"
	}
	start := time.Now()
	o.write(rows...)
	took := time.Since(start)
	bad := (n + every - 1) / every
	o.expect(n-bad, "SELECT count(*) FROM activity_log")
	o.expect(bad, "SELECT count(*) FROM activity_log_dead_letter")
	return took
}
