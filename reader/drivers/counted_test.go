package drivers_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// hourOf is the beginning of an hour in SQL.
var hourOf = map[string]string{
	"sqlite":   "substr(action_time, 1, 13) || ':00:00.000000'",
	"postgres": "date_trunc('hour', action_time AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'",
	"mariadb":  "CAST(DATE_FORMAT(action_time, '%Y-%m-%d %H:00:00') AS DATETIME(6))",
}

// TestCounted compares counts with and without the table of counts.
func TestCounted(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		hour := hourOf[db.driver]
		if hour == "" {
			t.Skip("this database keeps no counts")
		}
		rows := random(800)
		db.write(t, rows...)
		r := db.reader(t)
		asked := questionsFor(rows)
		plain := answers(t, r, asked)
		for range 2 { // a sum of two, and one that comes to nothing
			db.exec(t, "INSERT INTO activity_log_counts (hour, service_name, tenant_id, action_type, status, n) SELECT "+hour+
				", service_name, tenant_id, action_type, status, 2 * count(*) FROM activity_log GROUP BY 1, 2, 3, 4, 5")
		}
		db.exec(t, "INSERT INTO activity_log_counts (hour, service_name, tenant_id, action_type, status, n) SELECT "+hour+
			", service_name, tenant_id, action_type, status, -3 FROM activity_log")
		for _, n := range []string{"1", "-1"} {
			db.exec(t, "INSERT INTO activity_log_counts (hour, service_name, tenant_id, action_type, status, n) SELECT min("+hour+"), 'gone', 'gone', 'Gone', 'Gone', "+n+" FROM activity_log")
		}
		for _, state := range []string{"building", "broken", "usable"} {
			db.exec(t, "DELETE FROM activity_log_counts_state")
			db.exec(t, "INSERT INTO activity_log_counts_state (id, state, build) VALUES (1, '"+state+"', 'one')")
			differ(t, state, asked, plain, answers(t, r, asked))
		}
		// The counts are what was read: with false ones, full hours are false.
		db.exec(t, "UPDATE activity_log_counts SET n = 10 * n")
		false10 := answers(t, r, asked)
		changed := 0
		for i := range asked {
			if false10[i] != plain[i] {
				changed++
			}
		}
		if all := len(asked); changed < all/4 || changed == all {
			t.Errorf("%d of %d questions were answered by the counts, want some", changed, all)
		}
	})
}

// counting is a question.
type counting struct {
	q  reader.Query
	by reader.By
}

func questionsFor(rows []reader.Row) (all []counting) {
	rng := rand.New(rand.NewPCG(1, 2))
	some := func() reader.Row { return rows[rng.IntN(len(rows))] }
	times := []func() time.Time{
		func() time.Time { return time.Time{} },
		func() time.Time { return some().ActionTime },
		func() time.Time { return some().ActionTime.Truncate(time.Hour) },
		func() time.Time { return some().ActionTime.Add(time.Duration(rng.IntN(7200)) * time.Second) },
	}
	for i := range 300 {
		var c counting
		c.q.From, c.q.To = times[rng.IntN(4)](), times[rng.IntN(4)]()
		if i%3 == 0 {
			c.q.Service, c.q.Status = some().ServiceName, some().Status
		}
		if i%4 == 0 {
			c.q.Tenant = some().TenantID
		}
		if i%5 == 0 {
			c.q.ActionType = []activity.ActionType{some().ActionType, activity.ActionLoginFailed}[i%2]
		}
		if i%11 == 0 {
			c.q.Actor = some().ActorID // which the counts do not have
		}
		c.by.Interval = reader.Interval(rng.IntN(5))
		for _, column := range []string{"service_name", "tenant_id", "action_type", "status"} {
			if rng.IntN(3) == 0 {
				c.by.Columns = append(c.by.Columns, column)
			}
		}
		if i%13 == 0 {
			c.by.Columns = append(c.by.Columns, "actor_id")
		}
		all = append(all, c)
	}
	return all
}

func answers(t *testing.T, r *reader.Reader, asked []counting) (all []string) {
	t.Helper()
	for _, c := range asked {
		counts, err := r.Count(t.Context(), c.q, c.by)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		all = append(all, fmt.Sprint(counts.Groups))
	}
	return all
}

func differ(t *testing.T, state string, asked []counting, want, got []string) {
	t.Helper()
	for i := range asked {
		if got[i] != want[i] {
			t.Errorf("%s: %+v: got %.300s, want %.300s", state, asked[i], got[i], want[i])
		}
	}
}
