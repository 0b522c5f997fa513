package chaos_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// Bounds of the million.
const (
	million      = 1_000_000
	millionKills = 3
)

// crasher is a database server that can be killed and started again.
type crasher interface {
	DSN() string
	Kill()
	Start()
}

// TestMillionRecordsWhileTheServerCrashes kills the database server with SIGKILL,
// at random moments, while a million records go through the collector.
func TestMillionRecordsWhileTheServerCrashes(t *testing.T) {
	for driver, server := range map[string]crasher{"postgres": pgtest.Start(t), "mysql": mariatest.Start(t)} {
		t.Run(driver, func(t *testing.T) { crashes(t, driver, server) })
	}
}

func crashes(t *testing.T, driver string, server crasher) {
	c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: server.DSN()})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	bulk := &load.Bulk{Records: million, Request: 2000, Senders: 4, Send: load.HTTP(c.HTTP)}
	bulk.Start()
	for i := range millionKills {
		const third = million / millionKills
		bulk.WaitFor(t, i*third+third/3+random.IntN(third/2))
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		server.Kill()
		t.Logf("killed when %d records were acknowledged", bulk.Acknowledged())
		server.Start()
	}
	result := bulk.Expect(t, load.Open(t, map[string]string{"postgres": "pgx", "mysql": "mysql"}[driver], server.DSN()))
	if result.Rows != million {
		t.Errorf("%d rows, want %d", result.Rows, million)
	}
}
