package dashboardtest_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// The table that panels are timed on: a million rows of 90 days, 11,000 a day,
// of 5,000 actors and 300,000 objects.
const (
	benchDays   = 90
	benchActors = 5000
)

func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("ACTIVITYLOG_BENCH_PANEL_ROWS")); err == nil {
		return n
	}
	return 1_000_000
}

// BenchmarkPanels times the query of each panel on a million rows: "ms" is with
// the time range that its dashboard opens with, "ms-all" with all 90 days; each
// the median. At the end "slowest" has those of the slowest panel. With
// ACTIVITYLOG_BENCH_COUNTS=true the table has counts.
func BenchmarkPanels(b *testing.B) {
	for _, name := range []string{"postgres", "sqlite", "mysql", "clickhouse"} {
		b.Run(name, func(b *testing.B) {
			panels, err := dashboardtest.Panels(name)
			if err != nil {
				b.Fatal(err)
			}
			database := dashboardtest.Databases[name](b)
			dashboardtest.Batches(benchRows(), benchDays, benchActors, func(rows []row.Row) { database.Write(b, rows) })
			database.Optimize(b, name)
			if os.Getenv("ACTIVITYLOG_BENCH_COUNTS") == "true" && name != "clickhouse" {
				if _, err := database.Store.BuildCounts(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			var slowest, slowestAll float64
			for _, p := range panels {
				b.Run(p.Name(), func(b *testing.B) {
					var own, all []time.Duration
					for b.Loop() {
						own = append(own, timed(b, database, name, p, p.Days))
						all = append(all, timed(b, database, name, p, benchDays))
					}
					slowest, slowestAll = max(slowest, median(own)), max(slowestAll, median(all))
					b.ReportMetric(median(own), "ms")
					b.ReportMetric(median(all), "ms-all")
					b.ReportMetric(0, "ns/op")
				})
			}
			b.Run("slowest", func(b *testing.B) {
				for b.Loop() {
					continue
				}
				b.ReportMetric(slowest, "ms-slowest")
				b.ReportMetric(slowestAll, "ms-slowest-all")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}

func timed(b *testing.B, database dashboardtest.Database, name string, p dashboardtest.Panel, days int) time.Duration {
	start := time.Now()
	ask(b, database.DB, name, benchView(days), p.SQL())
	return time.Since(start)
}

func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[len(sorted)/2]) / float64(time.Millisecond)
}

// benchView is a view of the last days, with bars as Grafana chooses them for
// about a thousand pixels, and of an actor who is among the busiest.
func benchView(days int) dashboardtest.View {
	v := view
	v.From = dashboardtest.End.AddDate(0, 0, -days)
	v.Interval = map[int]time.Duration{1: 2 * time.Minute, 30: time.Hour, 90: 2 * time.Hour}[days]
	v.Variables = map[string]string{
		"table": "activity_log", "actor": dashboardtest.Actor(5), "object_type": "article", "object_id": "4711",
		"trace_id": fmt.Sprintf("%032x", benchRows()/4),
	}
	return v
}
