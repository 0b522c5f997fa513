package dialecttest_test

import (
	"os"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialecttest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestRefusedRowsAreFast writes batches of 10,000 rows of which all, each second
// or one are refused. Five seconds are the limit for each, and -v shows what it
// took. Each refused row is a dead letter when the time ends.
func TestRefusedRowsAreFast(t *testing.T) {
	if os.Getenv("ACTIVITYLOG_FAULTS") != "full" {
		t.Skip("a measurement, which runs in make test-faults")
	}
	for name, h := range map[string]dialecttest.Harness{
		"sqlite": sqliteHarness(), "postgres": postgresHarness(pgtest.Start(t)), "mariadb": mysqlHarness(mariatest.Start(t)),
	} {
		for every, share := range map[int]string{1: "all", 2: "half", 10_000: "one"} {
			took := dialecttest.TimeRefused(t, h, 10_000, every)
			t.Logf("%s, %s of 10,000 rows refused: %v", name, share, took.Round(time.Millisecond))
			if took > 5*time.Second {
				t.Errorf("%s, %s of 10,000 rows refused: took %v, want 5s at most", name, share, took)
			}
		}
	}
}
