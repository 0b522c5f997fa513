package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	collectlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// Bounds of the million: records in a request, requests, senders, kills.
const (
	millionRecords  = 2_000
	millionRequests = 500
	millionSenders  = 4
	millionKills    = 3
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
		t.Run(driver, func(t *testing.T) { million(t, driver, server) })
	}
}

func million(t *testing.T, driver string, server crasher) {
	c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: server.DSN()})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var acknowledged atomic.Int64
	next := make(chan int)
	var wg sync.WaitGroup
	for range millionSenders {
		wg.Go(func() {
			for request := range next {
				sendUntil(t, c.HTTP, millionRequest(request))
				acknowledged.Add(millionRecords)
			}
		})
	}
	kills := make([]int, millionKills) // requests before which the server is killed
	for i := range kills {
		kills[i] = millionRequests * (1 + 3*i) / (3 * millionKills) // in the first third, and so on
		kills[i] += random.IntN(millionRequests / (2 * millionKills))
	}
	var crashes sync.WaitGroup
	var one sync.Mutex
	for request := range millionRequests {
		if slices.Contains(kills, request) {
			delay := time.Duration(random.IntN(300)) * time.Millisecond
			crashes.Go(func() {
				one.Lock()
				defer one.Unlock()
				time.Sleep(delay)
				server.Kill()
				t.Logf("killed when %d records were acknowledged", acknowledged.Load())
				server.Start()
			})
		}
		next <- request
	}
	close(next)
	wg.Wait()
	crashes.Wait()
	expectMillion(t, driver, server.DSN())
}

// sendUntil sends a request until it is acknowledged, as a sender does that keeps
// what it has.
func sendUntil(t *testing.T, address string, body []byte) {
	var err error
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err = load.PostBytes(context.Background(), address, "logs", "application/x-protobuf", body); err == nil {
			return
		}
	}
	t.Errorf("not acknowledged within 2 minutes: %v", err)
}

// expectMillion waits for the rows, and compares each id.
func expectMillion(t *testing.T, driver, dsn string) {
	t.Helper()
	db := load.Open(t, map[string]string{"postgres": "pgx", "mysql": "mysql"}[driver], dsn)
	const want = millionRequests * millionRecords
	number := func(table string) (n int) {
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Logf("not yet: %v", err)
			return -1
		}
		return n
	}
	load.Await(func() load.Result { return load.Result{Lost: want - number("activity_log")} }) // what is in the queue
	rows, err := db.QueryContext(t.Context(), "SELECT event_id FROM activity_log ORDER BY event_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n, wrong := 0, 0
	for ; rows.Next(); n++ {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		if _, expected := load.Moment(n); id != expected {
			wrong++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n != want || wrong > 0 {
		t.Errorf("%d rows, of which %d are not in their place; want %d", n, wrong, want)
	}
	if dead := number("activity_log_dead_letter"); dead != 0 {
		t.Errorf("%d dead letters, want none", dead)
	}
}

// millionRequest is an OTLP request of the nth records, with the ids of [moment].
func millionRequest(n int) []byte {
	scope := &logs.ScopeLogs{}
	for i := n * millionRecords; i < (n+1)*millionRecords; i++ {
		at, id := load.Moment(i)
		record := &logs.LogRecord{TimeUnixNano: uint64(at.UnixNano()), Body: protoText(fmt.Sprint("activity ", i))}
		for _, attribute := range [][2]string{
			{activity.IDKey, id}, {activity.ActionTypeKey, "Update"}, {activity.ActorIDKey, fmt.Sprint(i % 1000)},
			{activity.ActorNameKey, "alice@example.com"}, {activity.ObjectTypeKey, "article"}, {activity.ObjectIDKey, fmt.Sprint(i)},
			{activity.ClientAddressKey, "192.0.2.7"}, {activity.UserAgentKey, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"},
		} {
			record.Attributes = append(record.Attributes, &common.KeyValue{Key: attribute[0], Value: protoText(attribute[1])})
		}
		scope.LogRecords = append(scope.LogRecords, record)
	}
	body, err := proto.Marshal(&collectlogs.ExportLogsServiceRequest{
		ResourceLogs: []*logs.ResourceLogs{{ScopeLogs: []*logs.ScopeLogs{scope}}},
	})
	if err != nil {
		panic(err) // of valid messages: it cannot fail
	}
	return body
}

func protoText(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}
