package dialecttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
)

// expired: what is older than the retention goes, and nothing else, by whichever
// means the database has, while others write.
func expired(t *testing.T, h Harness) {
	partitioner, partitioned := h.Dialect.(dialect.Partitioner)
	if _, able := h.Dialect.(dialect.Expirer); !able && !partitioned {
		t.Log("does not apply: this dialect leaves old rows to the database's owner")
		return
	}
	const keep = 100 * 24 * time.Hour
	o := h.open(t, h.New(t), func(cfg *store.Config) { cfg.Retention = keep })
	old, young := Rows(5000), Rows(300)
	for i := range old { // from 500 to 101 days ago
		old[i].ID = activity.NewIDAt(time.Now().Add(-keep - 24*time.Hour - time.Duration(i)*115*time.Minute))
	}
	slices.SortFunc(old, func(a, b row.Row) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for i := range young[:100] { // from 99 days ago
		young[i].ID = activity.NewIDAt(time.Now().Add(-keep + time.Duration(i+1)*24*time.Hour - time.Hour))
	}
	o.write(slices.Clone(old)...)
	o.write(slices.Clone(young)...)
	o.exec(h.Refuse)
	bad := Rows(1)
	bad[0].ID, bad[0].Text[row.ActorID] = activity.NewIDAt(time.Now().Add(-keep-time.Hour)), "refused"
	o.write(slices.Concat(Rows(50), bad)...)
	o.expect(1, "SELECT count(*) FROM activity_log_dead_letter")
	for range 2 {
		if err := o.Maintain(t.Context()); err != nil {
			t.Fatalf("maintain: %v", err)
		}
	}
	for i := range young {
		o.compare(&young[i])
	}
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
	if partitioned && partitioner.Interval() != dialect.PartitionNone {
		// Partitions go whole: some rows of the last one are a little too old.
		if n := o.number("SELECT count(*) FROM activity_log"); n < 350 || n > 350+31*24*60/115+1 {
			t.Errorf("%d rows are left, want 350, and at most a month more", n)
		}
		return
	}
	o.expect(350, "SELECT count(*) FROM activity_log")
	if o.log.expired != 5001 {
		t.Errorf("the store reported %d rows deleted, want 5001", o.log.expired)
	}
}

// partitions are made ahead, take over what had none, and are dropped whole.
func partitions(t *testing.T, h Harness) {
	p, ok := h.Dialect.(dialect.Partitioner)
	if !ok || p.Interval() == dialect.PartitionNone {
		t.Log("does not apply: this table has no partitions")
		return
	}
	dsn := h.New(t)
	o := h.open(t, dsn, nil)
	rows := Rows(60)
	for i := range rows { // from five months ago to five months ahead
		rows[i].ID = activity.NewIDAt(time.Now().AddDate(0, 0, (i-30)*5))
	}
	o.write(slices.Clone(rows)...) // before there is any partition
	for range 2 {
		if err := o.Maintain(t.Context()); err != nil {
			t.Fatalf("maintain: %v", err)
		}
		o.write(slices.Clone(rows)...)
		o.expect(60, "SELECT count(*) FROM activity_log")
	}
	for i := range rows {
		o.compare(&rows[i])
	}
	o.log.expect(t, 60, 120, 0)
	names := o.strings(fmt.Sprintf("SELECT name FROM (%s) AS p (name, upper) WHERE upper > %d", p.Partitions("activity_log"), time.Now().UnixMicro()))
	if len(names) < 2 {
		t.Errorf("there are %d partitions of the time to come, want two at least", len(names))
	}
	other := h.open(t, dsn, func(cfg *store.Config) { cfg.Retention = 1 })
	if err := other.Maintain(t.Context()); err != nil {
		t.Fatalf("maintain: %v", err)
	}
	if len(other.log.dropped) == 0 || other.number("SELECT count(*) FROM activity_log") >= 60 {
		t.Errorf("dropped %q, and kept %d rows", other.log.dropped, other.number("SELECT count(*) FROM activity_log"))
	}
}
