package load

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// HonestService is the service.name of what [Honest] sends.
const HonestService = "honest"

// honestPause is the time between two activities of an honest sender: 50 a second.
const honestPause = 20 * time.Millisecond

// Honest is a sender with one activity a request, 50 times a second, during
// whatever a test does to the collector. It sends each until it is acknowledged.
type Honest struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	mu     sync.Mutex
	sent   map[string]time.Time // when it was first sent, by object id
}

// StartHonest starts the sender, which sends to the OTLP/HTTP address of a
// collector until [Honest.Stop], and ends by itself after 15 minutes.
func StartHonest(address string) *Honest {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	h := &Honest{cancel: cancel, sent: map[string]time.Time{}}
	h.done.Go(func() {
		tick := time.NewTicker(honestPause)
		defer tick.Stop()
		var inFlight sync.WaitGroup
		defer inFlight.Wait()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				inFlight.Go(func() { h.send(address, n) })
			}
		}
	})
	return h
}

// send sends activity n, again and again for two minutes at most.
func (h *Honest) send(address string, n int) {
	at, id := time.Now(), fmt.Sprint("honest-", n)
	request := honestRequest(at, id)
	for deadline := at.Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err := Post(context.Background(), address, "logs", request); err == nil {
			h.mu.Lock()
			h.sent[id] = at
			h.mu.Unlock()
			return
		}
	}
	h.mu.Lock()
	h.sent[id] = at // never acknowledged, and yet it should be a row
	h.mu.Unlock()
}

func honestRequest(at time.Time, id string) Object {
	return serviceLogs(HonestService, List{Object{
		"timeUnixNano": fmt.Sprint(at.UnixNano()),
		"eventName":    activity.EventName,
		"attributes": List{
			Text(activity.IDKey, activity.HashID(at, []byte(id)).String()),
			Text(activity.ActionTypeKey, "Update"), Text(activity.ActorIDKey, "7"),
			Text(activity.ObjectTypeKey, "article"), Text(activity.ObjectIDKey, id),
		},
	}})
}

// Stop ends the sender, once each activity is acknowledged, and returns how many
// there were.
func (h *Honest) Stop() int {
	h.cancel()
	h.done.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sent)
}

// Expect waits until each activity has its one row, and checks that no row was
// written later than late after its activity was sent, by the database's clock.
func (h *Honest) Expect(t testing.TB, db *sql.DB, driver string, late time.Duration) Result {
	t.Helper()
	result := Await(func() Result { return h.compare(t, db, driver) })
	t.Logf("honest sender: %d activities, %d without a row, %d with two, the latest row %v after its activity",
		result.Acknowledged, result.Lost, result.Doubled, result.Latest.Round(time.Millisecond))
	if result.Lost > 0 || result.Doubled > 0 {
		t.Errorf("of %d honest activities %d have no row, and %d have two", result.Acknowledged, result.Lost, result.Doubled)
	}
	if result.Latest > late {
		t.Errorf("the latest honest row came %v after its activity; want %v at most", result.Latest, late)
	}
	return result
}

// recordedAt selects recorded_at in milliseconds since 1970.
var recordedAt = map[string]string{
	"sqlite": "CAST(ROUND((julianday(recorded_at) - 2440587.5) * 86400000) AS INTEGER)",
	"pgx":    "CAST(EXTRACT(EPOCH FROM recorded_at) * 1000 AS BIGINT)",
	"mysql":  "CAST(UNIX_TIMESTAMP(recorded_at) * 1000 AS SIGNED)",
}

func (h *Honest) compare(t testing.TB, db *sql.DB, driver string) Result {
	t.Helper()
	found := Result{Acknowledged: len(h.sent)}
	rows, err := db.QueryContext(context.Background(),
		"SELECT object_id, "+recordedAt[driver]+" FROM activity_log WHERE object_id LIKE 'honest-%'")
	if err != nil {
		t.Logf("not yet: %v", err)
		found.Lost, found.Complete = len(h.sent), time.Now()
		return found
	}
	defer rows.Close()
	seen := map[string]int{}
	for rows.Next() {
		var id string
		var milliseconds int64
		if err := rows.Scan(&id, &milliseconds); err != nil {
			t.Fatal(err)
		}
		found.Rows++
		if seen[id]++; seen[id] > 1 {
			found.Doubled++
		}
		if at, ok := h.sent[id]; ok {
			found.Latest = max(found.Latest, time.UnixMilli(milliseconds).Sub(at))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id := range h.sent {
		if seen[id] == 0 {
			found.Lost++
		}
	}
	found.Complete = time.Now()
	return found
}
