package dialecttest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
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

// allRefused: many refusals and nothing taken mean that the table is wrong.
func allRefused(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	o.write(Rows(1)...)
	o.exec(h.Refuse)
	rows := Rows(5000)
	for i := range rows {
		rows[i].Text[row.ActorID] = "refused"
	}
	for range 2 {
		if err := o.Write(t.Context(), slices.Clone(rows)); !errors.Is(err, store.ErrAllRefused) {
			t.Fatalf("write 5000 rows that are all refused: got %v, want ErrAllRefused", err)
		}
	}
	// One by one, as where there is little to do: the first few are dead letters.
	for i := range 50 {
		err := o.Write(t.Context(), slices.Clone(rows[i:i+1]))
		if i > 30 && !errors.Is(err, store.ErrAllRefused) {
			t.Fatalf("write the %dth row that is refused, alone: got %v, want ErrAllRefused", i, err)
		}
	}
	if dead := o.number("SELECT count(*) FROM activity_log_dead_letter"); dead > 30 {
		t.Errorf("%d dead letters, want few", dead)
	}
	o.exec(h.Repair)
	o.write(rows...)
	o.expect(5001, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM activity_log WHERE actor_id <> 'refused' AND event_id > '"+rows[0].ID.String()+"'")
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
	rows[3].Text[row.Data] = `{"n":[1,2.5,null,true,"ü\"\\"],"o":{"k":"v"}}`
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
}
