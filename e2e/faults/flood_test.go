package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// The limit of a service in TestFlood, and how much more than that the flood sends.
const (
	floodLimit   = 2000 // records per second
	floodBurst   = 10 * floodLimit
	floodRecords = 500 // in a request
	floodSenders = 8
)

// flood is a service that sends as fast as it can, and does not wait when it is asked to.
type flood struct {
	next, accepted, refused atomic.Int64
	noDelay                 atomic.Int64 // refusals without Retry-After
}

// send sends one request.
func (f *flood) send(ctx context.Context, c *collectortest.Collector) error {
	from := int(f.next.Add(floodRecords)) - floodRecords
	// Not ctx: a request is finished, so that we know its answer.
	err := load.Post(context.WithoutCancel(ctx), c.HTTP, "logs", load.ServiceLogsRequest("flood", from, floodRecords))
	var answer *load.StatusError
	switch {
	case err == nil:
		f.accepted.Add(floodRecords)
	case errors.As(err, &answer) && answer.Code == http.StatusTooManyRequests:
		f.refused.Add(floodRecords)
		if answer.RetryAfter < time.Second {
			f.noDelay.Add(1)
		}
	}
	return err
}

// TestFlood: a service that sends far more than it may is refused for a time, with the time
// after which to try again. What it was acknowledged is there, and others do not wait for it.
func TestFlood(t *testing.T) {
	o := fault(t, atDoor, "one service sends far more than its limit")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Env: []string{fmt.Sprint("ACTIVITYLOG_RECORDS_PER_SECOND=", floodLimit)}})
	db := load.Open(t, "sqlite", dsn)
	var f flood
	start := time.Now()
	withHonestOn(t, o, c, db, "sqlite", floodSenders, time.Millisecond, f.send)
	allowed := int64(floodBurst + floodLimit*time.Since(start).Seconds() + floodSenders*floodRecords)
	accepted, refused := f.accepted.Load(), f.refused.Load()
	t.Logf("flood: %d records accepted, %d refused", accepted, refused)
	if accepted > allowed || accepted < floodBurst {
		t.Errorf("%d records were accepted, want %d to %d", accepted, floodBurst, allowed)
	}
	if refused == 0 || f.noDelay.Load() > 0 {
		t.Errorf("%d records were refused, %d requests of them without the time after which to try again", refused, f.noDelay.Load())
	}
	var rows, objects int64
	err := db.QueryRowContext(t.Context(), "SELECT count(*), count(DISTINCT object_id) FROM activity_log WHERE service_name = 'flood'").Scan(&rows, &objects)
	if err != nil || rows != accepted || objects != accepted {
		t.Errorf("%d rows of %d objects, want %d (%v)", rows, objects, accepted, err)
	}
}
