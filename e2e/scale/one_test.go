package scale_test

import (
	"testing"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// TestOneCollector is what the other lines are compared with.
func TestOneCollector(t *testing.T) {
	line := begin(t, oneCollector, "SIGKILL to the collector, twice, started again")
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	n := records(40_000)
	b := bulk(n, load.HTTP(c.HTTP))
	b.Start()
	for kill := range 2 {
		b.WaitFor(t, n/4+kill*n/2)
		c.Kill()
		c.Restart()
	}
	b.Wait()
	line.Over()
	line.Count(b.Expect(t, load.Open(t, "pgx", server.DSN())))
}
