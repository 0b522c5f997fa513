package dialecttest

import (
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/store"
)

// slow: on a line that is too slow for a batch within the timeout, smaller parts
// of it get through, and whole batches again when the line is as it was.
func slow(t *testing.T, h Harness) {
	if h.Through == nil {
		t.Log("does not apply: this database has no connection that could be slow")
		return
	}
	dsn := h.New(t)
	h.open(t, dsn, nil).write(Rows(1)...)
	p := newProxy(t, h.Server)
	o := h.open(t, h.Through(dsn, p.address()), func(cfg *store.Config) { cfg.Timeout = 2 * time.Second })
	o.write(Rows(1)...)
	p.slow(250_000)
	rows := Rows(2000) // about 1 MB: 4 s
	if err := o.Write(t.Context(), slices.Clone(rows)); err == nil {
		t.Error("2000 rows were written in time, so that nothing is tested here")
	}
	o.writeUntil(rows...)
	p.slow(0)
	more := Rows(2000)
	o.writeUntil(more...)
	o.expectFrom(dsn, 4002)
	o.h.open(t, dsn, nil).expect(0, "SELECT count(*) FROM activity_log_dead_letter")
}
