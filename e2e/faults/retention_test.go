package faults_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestRetention has a clock that was ahead, acts that claim to be long past, and
// what is really due.
func TestRetention(t *testing.T) {
	longPast := func(i int) time.Time { return time.Now().AddDate(0, 0, -200).Add(time.Duration(i) * time.Minute) }
	for name, c := range map[string]struct {
		fault string
		rows  int
		at    func(i int) time.Time
		// change makes the rows ones that were recorded when they happened.
		change string
		kept   int
		says   []string
		force  string
	}{
		"clock that was ahead": {"retention of 100 days, and a clock that is half a year ahead once: all rows look too old", 2000, longPast,
			"UPDATE activity_log SET recorded_at = action_time", 2000, []string{"2000 rows", "retention_force: true"}, "false"},
		"notice before": {"retention of 100 days with retention_force, and all rows look too old: nothing goes within the hour of the notice", 2000, longPast,
			"UPDATE activity_log SET recorded_at = action_time", 2000, []string{"2000 rows", "removed in 1h"}, "true"},
		"claims to be past": {"retention of 100 days with retention_force, and acts recorded now that claim 1970 and 20 years ago; 5 are really due", 2005, func(i int) time.Time {
			switch {
			case i < 5:
				return time.Now().AddDate(0, 0, -100).Add(-time.Duration(i+1) * time.Minute)
			case i%2 == 0:
				return time.Unix(int64(i), 0)
			}
			return time.Now().AddDate(-20, 0, 0).Add(time.Duration(i) * time.Minute)
		}, "UPDATE activity_log SET recorded_at = action_time WHERE object_id::int < 5", 2000, nil, "true"},
		"due": {"retention of 100 days, and what is due each hour, with 2,000 of this week", 2005, func(i int) time.Time {
			if i < 5 {
				return time.Now().AddDate(0, 0, -100).Add(-time.Duration(i+1) * time.Minute)
			}
			return time.Now().Add(-time.Duration(i) * time.Minute)
		}, "UPDATE activity_log SET recorded_at = action_time", 2000, nil, "false"},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inDatabase, c.fault)
			server := pgtest.Start(t)
			db := load.Open(t, "pgx", server.DSN())
			col := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(),
				Args: []string{setting("retention", "100d"), setting("retention_force", c.force)}})
			time.Sleep(500 * time.Millisecond) // the first look at old rows
			mustPost(t, col, "logs", acted(c.rows, c.at))
			eventually(t, db, "SELECT count(*) FROM activity_log", c.rows, 20*time.Second)
			col.Stop()
			execute(t, db, c.change)
			col.Restart() // looks at old rows again
			eventually(t, db, "SELECT count(*) FROM activity_log", c.kept, 20*time.Second)
			time.Sleep(2 * time.Second)
			rows := number(t, db, "SELECT count(*) FROM activity_log")
			for _, words := range c.says {
				if !strings.Contains(col.Log(), words) {
					t.Errorf("the log does not say %q", words)
				}
			}
			if rows != c.kept {
				t.Errorf("%d rows are left, want %d", rows, c.kept)
			}
			o.Count(load.Result{Acknowledged: c.kept, Rows: rows, Lost: max(0, c.kept-rows)})
			o.Say("kept; the log says %s", strings.Join(c.says, ", "))
			if due := c.rows - c.kept; due > 0 {
				o.Say("kept; the %d that were due are removed", due)
			}
		})
	}
}

// acted is a request of n activities at these times.
func acted(n int, at func(i int) time.Time) load.Object {
	all := load.List{}
	for i := range n {
		all = append(all, load.Object{"timeUnixNano": fmt.Sprint(at(i).UnixNano()), "attributes": load.List{
			load.Text(activity.ActionTypeKey, "Update"), load.Text(activity.ObjectTypeKey, "article"), load.Text(activity.ObjectIDKey, fmt.Sprint(i))}})
	}
	return load.Object{"resourceLogs": load.List{load.Object{"scopeLogs": load.List{load.Object{"logRecords": all}}}}}
}

// TestPartitionsOfAWrongClock has partitions of five years ahead, and none of today.
func TestPartitionsOfAWrongClock(t *testing.T) {
	o := fault(t, inDatabase, "partitions made by a clock that was five years ahead, and none of today")
	server := pgtest.Start(t)
	db := load.Open(t, "pgx", server.DSN())
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Args: []string{setting("partition", "day")}})
	const partitions = "FROM pg_inherits WHERE inhparent = 'activity_log'::regclass AND inhrelid <> 'activity_log_default'::regclass"
	eventually(t, db, "SELECT count(*) FROM pg_tables WHERE tablename = 'activity_log'", 1, 20*time.Second)
	eventually(t, db, "SELECT least(count(*), 8) "+partitions, 8, 20*time.Second)
	c.Stop()
	execute(t, db, "DO $$ DECLARE p regclass; BEGIN FOR p IN SELECT inhrelid::regclass "+partitions+" LOOP EXECUTE 'DROP TABLE ' || p; END LOOP; END $$")
	later := time.Now().UTC().AddDate(5, 0, 0)
	execute(t, db, fmt.Sprintf("CREATE TABLE activity_log_p%s PARTITION OF activity_log FOR VALUES FROM ('%s') TO ('%s')",
		later.Format("20060102"), later.Format(time.DateOnly), later.AddDate(0, 0, 1).Format(time.DateOnly)))
	c.Restart()
	mustPost(t, c, "logs", load.LogsRequest(0, 2000))
	o.Count(expectRange(t, "pgx", server.DSN(), 0, 2000))
	eventually(t, db, "SELECT count(*) FROM activity_log_default", 0, 20*time.Second)
	o.Say("all in the partition of their day")
}
