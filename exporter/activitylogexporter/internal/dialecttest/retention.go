package dialecttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
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
	o := h.open(t, h.New(t), func(cfg *store.Config) {
		cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = keep, true, 1
	})
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
	for range 2 { // all were recorded just now
		o.maintain()
	}
	o.expect(5350, "SELECT count(*) FROM activity_log")
	due := " SET recorded_at = action_time WHERE event_id < '" + activity.NewIDAt(time.Now().Add(-keep)).String() + "'"
	o.exec("UPDATE activity_log" + due + ";\nUPDATE activity_log_dead_letter" + due)
	o.maintain() // which tells
	o.expect(5350, "SELECT count(*) FROM activity_log")
	for range 2 {
		o.maintain()
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

// surprise: more than is usual is not removed, since a clock may have been wrong;
// nor is, whatever is configured, what claims to be long past.
func surprise(t *testing.T, h Harness) {
	if _, able := h.Dialect.(dialect.Expirer); !able {
		t.Log("does not apply: this dialect leaves old rows to the database's owner")
		return
	}
	const keep = 100 * 24 * time.Hour
	dsn := h.New(t)
	o := h.open(t, dsn, func(cfg *store.Config) { cfg.Retention = keep })
	rows := Rows(1000)
	for i := range rows { // the clock is half a year ahead of these
		rows[i].ID = activity.NewIDAt(time.Now().AddDate(0, -6, 0).Add(-time.Duration(i) * time.Hour))
	}
	o.write(slices.Clone(rows)...)
	o.maintain()
	o.exec("UPDATE activity_log SET recorded_at = action_time")
	for range 3 {
		o.maintain()
		o.expect(1000, "SELECT count(*) FROM activity_log")
	}
	if notes := strings.Join(o.log.notes, "\n"); !strings.Contains(notes, "1000 rows") || !strings.Contains(notes, "retention_force") {
		t.Errorf("the log says %q", notes)
	}
	forged := Rows(3)
	forged[0].ID = activity.NewIDAt(time.UnixMilli(1))
	forged[1].ID = activity.NewIDAt(time.Now().AddDate(-20, 0, 0))
	forced := h.open(t, dsn, func(cfg *store.Config) {
		cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = keep, true, 1
	})
	forced.write(slices.Clone(forged[1:])...)
	for range 3 {
		forced.maintain()
	}
	forced.expect(2, "SELECT count(*) FROM activity_log")
	// What falls due hour by hour goes without a word.
	due := Rows(5)
	for i := range due {
		due[i].ID = activity.NewIDAt(time.Now().Add(-keep - time.Duration(i+1)*time.Minute))
	}
	o.write(due...)
	o.exec("UPDATE activity_log SET recorded_at = action_time WHERE event_id < '" + activity.NewIDAt(time.Now().AddDate(0, 0, -1)).String() +
		"' AND event_id > '" + activity.NewIDAt(time.Now().AddDate(-10, 0, 0)).String() + "'")
	o.maintain()
	o.expect(2, "SELECT count(*) FROM activity_log")
}

func (o *opened) maintain() {
	o.t.Helper()
	if err := o.Maintain(o.t.Context()); err != nil {
		o.t.Fatalf("maintain: %v", err)
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
	// A clock that was five years ahead has made partitions.
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	later := p.Interval().Add(time.Now().AddDate(5, 0, 0), 0)
	o.exec("BEGIN;" + strings.Join(p.AddPartition("activity_log", later, p.Interval().Add(later, 1)), ";") + ";COMMIT")
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
	names := o.strings(fmt.Sprintf("SELECT name FROM (%s) AS p (name, lower, upper) WHERE upper > %d", p.Partitions("activity_log"), time.Now().UnixMicro()))
	if len(names) < 2 {
		t.Errorf("there are %d partitions of the time to come, want two at least", len(names))
	}
	if n := o.number("SELECT count(*) FROM activity_log_default WHERE action_time BETWEEN now() - interval '1 hour' AND now() + interval '1 day'"); n != 0 {
		t.Errorf("%d rows of today are in the default partition", n)
	}
	o.exec("UPDATE activity_log SET recorded_at = action_time")
	other := h.open(t, dsn, func(cfg *store.Config) { cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = 1, true, 1 })
	for range 2 {
		other.maintain()
	}
	if len(other.log.dropped) == 0 || other.number("SELECT count(*) FROM activity_log") >= 60 {
		t.Errorf("dropped %q, and kept %d rows", other.log.dropped, other.number("SELECT count(*) FROM activity_log"))
	}
}
