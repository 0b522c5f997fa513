package faults_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestClaimedTimes sends activities whose clocks are wrong, as log record and as
// span, in declared form, and reads action_time and what data says of the claim.
func TestClaimedTimes(t *testing.T) {
	o := fault(t, inDatabase, "activities whose clock says 1754, 1970, the year 2554, or five years ahead")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	observed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	future := time.Now().AddDate(5, 0, 0)
	futureID := activity.NewIDAt(future).String()
	start := time.Now().Add(-time.Second)
	type claim struct {
		object, time, observed, id string
		claimed                    bool
		within                     [2]time.Time // of action_time
	}
	present := [2]time.Time{start, start.Add(time.Minute)}
	claims := []claim{
		{"year-1754", "11651379494838206464", fmt.Sprint(observed.UnixNano()), "", true, [2]time.Time{observed, observed}},
		{"largest-number", "18446744073709551615", "0", "", true, present},
		{"five-years-ahead", fmt.Sprint(future.UnixNano()), "0", "", true, present},
		{"id-from-the-future", fmt.Sprint(future.UnixNano()), "0", futureID, true, present},
		{"clock-in-1970", "17000000000", "0", "", false, [2]time.Time{time.Unix(17, 0), time.Unix(17, 0)}},
	}
	records, spans := load.List{}, load.List{}
	for i, claim := range claims {
		attributes := load.List{load.Text(activity.ActionTypeKey, "Update"), load.Text(activity.ObjectIDKey, claim.object)}
		if claim.id != "" {
			attributes = append(attributes, load.Text(activity.IDKey, claim.id))
			spans = append(spans, load.Object{
				"traceId": fmt.Sprintf("%032x", i+1), "spanId": fmt.Sprintf("%016x", i+1), "name": "PUT", "kind": 2,
				"startTimeUnixNano": claim.time, "endTimeUnixNano": claim.time, "attributes": attributes,
			})
		}
		records = append(records, load.Object{"timeUnixNano": claim.time, "observedTimeUnixNano": claim.observed, "attributes": attributes})
	}
	spans = append(spans, load.Object{ // of no activity: the processor derives one
		"traceId": "f815bf31c3a358ce6d0f40a1dc1b3c3e", "spanId": "eeaa14d28e62960d", "name": "x", "kind": 2,
		"startTimeUnixNano": "18446744073709551615", "endTimeUnixNano": "18446744073709551615",
		"attributes": load.List{load.Text("user.id", "derived"), load.Text("http.method", "GET"), load.Text("http.target", "/a/1"),
			load.Object{"key": "http.status_code", "value": load.Object{"intValue": "200"}}},
	})
	for range 2 { // what is sent again is not a second row
		for signal, request := range map[string]load.Object{
			"logs":   {"resourceLogs": load.List{load.Object{"scopeLogs": load.List{load.Object{"logRecords": records}}}}},
			"traces": {"resourceSpans": load.List{load.Object{"scopeSpans": load.List{load.Object{"spans": spans}}}}},
		} {
			if err := load.Post(t.Context(), c.HTTP, signal, request); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Stop()
	db := load.Open(t, "sqlite", dsn)
	result := load.Result{Acknowledged: len(claims)}
	for _, claim := range claims {
		var rows int
		var at, data string
		if err := db.QueryRowContext(t.Context(), `SELECT count(*), max(strftime('%Y-%m-%dT%H:%M:%fZ', action_time)), max(data)
			FROM activity_log WHERE object_id = ?`, claim.object).Scan(&rows, &at, &data); err != nil {
			t.Fatal(err)
		}
		result.Rows += rows
		if rows == 0 {
			result.Lost++
		} else if rows > 1 {
			result.Doubled++
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(data), &members); err != nil {
			t.Fatal(err)
		}
		acted, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if rows != 1 || acted.Before(claim.within[0].Add(-time.Second)) || acted.After(claim.within[1].Add(time.Second)) {
			t.Errorf("%s: %d rows, at %v; want one, within %v", claim.object, rows, acted, claim.within)
		}
		if _, ok := members[activity.ClaimedTimeKey]; ok != claim.claimed {
			t.Errorf("%s: data is %s; the claimed time in it: want %v", claim.object, data, claim.claimed)
		}
	}
	result.Acknowledged++
	derived := number(t, db, "SELECT count(*) FROM activity_log WHERE actor_id = 'derived' AND action_time BETWEEN datetime('now', '-1 day') AND datetime('now', '+1 day')")
	result.Rows += derived
	if derived != 1 {
		t.Errorf("%d rows of the derived activity, want one, of the present", derived)
	}
	o.Count(result)
	o.Say("each sent twice or more; what time was claimed is in data")
}
