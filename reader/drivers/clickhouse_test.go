package drivers_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// granules are blocks of rows: those that an index leaves, and those that there are.
var granules = regexp.MustCompile(`Granules: (\d+)/(\d+)`)

// TestClickHouseReadsLittle looks at how many blocks of rows ClickHouse would read for
// what its key and its bloom filters serve.
func TestClickHouseReadsLittle(t *testing.T) {
	n, _ := strconv.Atoi(cmp.Or(os.Getenv("ACTIVITYLOG_READER_ROWS"), "200000"))
	db := clickhouse(t)
	db.create(t)
	db.exec(t, fmt.Sprintf(`INSERT INTO activity_log_store (event_id, action_time, actor_id, action_type, object_type, object_id, status, trace_id, source)
		SELECT generateUUIDv4(), toDateTime64('2026-10-01 00:00:00', 6, 'UTC') + toIntervalSecond(number), concat('actor ', toString(intDiv(number, 100))), 'Update',
			'article', toString(intDiv(number, 100)), 'Success', lower(hex(sipHash128(number))), 'declared' FROM numbers(%d)`, n))
	r, rec := db.recorded(t)
	page, err := r.List(t.Context(), reader.Query{To: first.Add(time.Duration(n/10) * time.Second)}, reader.Paging{Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatalf("the large table: %v", err)
	}
	row := page.Rows[0]
	for name, run := range map[string]func() error{
		"from and to": func() error {
			_, err := r.List(t.Context(), reader.Query{From: row.ActionTime, To: row.ActionTime.Add(time.Minute)}, reader.Paging{})
			return err
		},
		"second page": func() error {
			_, err := r.List(t.Context(), reader.Query{}, reader.Paging{Cursor: page.Next})
			return err
		},
		"actor": func() error {
			_, err := r.List(t.Context(), reader.Query{Actor: row.ActorID}, reader.Paging{})
			return err
		},
		"trace": func() error {
			_, err := r.List(t.Context(), reader.Query{Trace: row.TraceID}, reader.Paging{})
			return err
		},
		"history": func() error {
			_, err := r.History(t.Context(), row.Object(), reader.HistoryOptions{})
			return err
		},
		"get": func() error { _, err := r.Get(t.Context(), row.EventID); return err },
		"count": func() error {
			_, err := r.Count(t.Context(), reader.Query{Actor: row.ActorID}, reader.By{Interval: reader.Day})
			return err
		},
	} {
		begin := time.Now()
		if err := run(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		took := time.Since(begin)
		query, args := rec.last()
		plan := db.explain(t, rec, "indexes = 1 "+query, args)
		least, all := 0, 0
		for i, match := range granules.FindAllStringSubmatch(plan, -1) {
			left, _ := strconv.Atoi(match[1])
			if i == 0 {
				least = left
				all, _ = strconv.Atoi(match[2])
			}
			least = min(least, left)
		}
		if all == 0 || least*4 > all {
			t.Errorf("%s: reads %d granules of %d\n%s\n%s", name, least, all, query, plan)
		}
		t.Logf("%-26s %d granules of %d, %v", name, least, all, took.Round(time.Millisecond))
	}
}
