package dialecttest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// conflicting: who sends another row under an id that is there, or is about to be,
// changes nothing, and cannot keep the other from being seen.
func conflicting(t *testing.T, h Harness) {
	if _, able := h.Dialect.(dialect.Reader); !able {
		t.Log("does not apply: this database does not say which rows were there")
		return
	}
	o := h.open(t, h.New(t), nil)
	rows := Rows(300)
	o.write(slices.Clone(rows)...)
	o.write(slices.Clone(rows)...)
	o.log.expect(t, 300, 300, 0)
	forged := slices.Clone(rows[:5])
	forged[0].Text[row.ActorID] = "mallory"
	forged[1].Text[row.ActionType] = "Delete"
	forged[2].Text[row.ObjectID] = "another"
	forged[3].Text[row.Status] = "Failed"
	forged[4].Text[row.ServiceName] = "another"
	for range 2 { // the second time it is there already
		o.write(slices.Concat(forged, rows[5:])...)
	}
	o.expect(300, "SELECT count(*) FROM activity_log")
	o.expect(5, fmt.Sprintf("SELECT count(*) FROM activity_log_dead_letter WHERE reason = '%s'", store.OtherContent))
	for i := range rows {
		o.compare(&rows[i])
	}
	if o.log.conflicting != 10 {
		t.Errorf("the store reported %d conflicts, want 10", o.log.conflicting)
	}
	o.log.expect(t, 300, 300+2*295, 0)
	// Another loser of the same id is kept as well, each once.
	again := slices.Clone(rows[:1])
	again[0].Text[row.ActorID] = "trudy"
	for range 2 {
		o.write(slices.Clone(again)...)
	}
	o.expect(6, "SELECT count(*) FROM activity_log_dead_letter")
	// Both in one batch.
	both := slices.Repeat(Rows(1), 3)
	both[1].Text[row.ActorID] = "mallory"
	o.write(both...)
	o.expect(301, "SELECT count(*) FROM activity_log")
	o.expect(7, "SELECT count(*) FROM activity_log_dead_letter")
	o.log.expect(t, 301, 300+2*295+1, 0)
}
