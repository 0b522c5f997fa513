package bench

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/bench/internal/load"
	"github.com/otelactivity/activitylog/bench/internal/proc"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// The overload: many senders, with the batches and the timeout of SDKs, offer
// twice what the database takes.
const (
	databaseRate     = 15_000 // rows/s that the database takes
	offeredRate      = 2 * databaseRate
	overloadSenders  = 40
	overloadRecords  = 500 // in a request
	overloadTimeout  = 10 * time.Second
	mostMemory       = 512 << 20
	overloadDuration = 8 * time.Second // as a test
)

// queues are a queue that keeps all of the overload and one that fills up, by the
// arguments of the Collector. In the small one senders wait as long as they have
// patience, which is overloadTimeout.
var queues = []struct {
	name string
	args []string
}{
	{name: "large"},
	{name: "small", args: []string{
		"--config=yaml:exporters::activitylog::queue::max_bytes: 4194304",
		"--config=yaml:exporters::activitylog::queue::full_timeout: 9s",
	}},
}

// TestOverload sends too much for a short time, long enough to fill the small queue.
func TestOverload(t *testing.T) {
	for _, queue := range queues {
		t.Run(queue.name, func(t *testing.T) {
			overload(t, overloadDuration, queue.args)
		})
	}
}

// BenchmarkOverload sends too much for ACTIVITYLOG_BENCH_OVERLOAD, and reports
// the most memory that the Collector had.
func BenchmarkOverload(b *testing.B) {
	duration, err := time.ParseDuration(os.Getenv("ACTIVITYLOG_BENCH_OVERLOAD"))
	if err != nil {
		b.Skip("SKIPPED: ACTIVITYLOG_BENCH_OVERLOAD is not set to how long it takes; make bench sets 5m")
	}
	for _, queue := range queues {
		b.Run(queue.name, func(b *testing.B) {
			var all overloaded
			for b.Loop() {
				o := overload(b, duration, queue.args)
				all.peak, all.disk = max(all.peak, o.peak), max(all.disk, o.disk)
			}
			b.ReportMetric(float64(all.peak)/(1<<20), "MiB-memory")
			b.ReportMetric(float64(all.disk)/(1<<20), "MiB-disk")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// overloaded is what became of an overload.
type overloaded struct {
	next         atomic.Int64 // the number of the next activity
	acknowledged atomic.Int64 // activities
	again        atomic.Int64 // requests that were sent again, since they failed
	peak         int64        // bytes of resident memory, at most
	disk         int64        // bytes of the queue on disk when the load ended
}

// overload offers twice what the database takes for so long, and fails when what
// was acknowledged is not what has become rows, when a request had to be sent
// again, or when the Collector took more memory than it may.
func overload(tb testing.TB, duration time.Duration, args []string) *overloaded {
	tb.Helper()
	server, db := emptyTable(tb)
	db.slowDown(databaseRate)
	storage := tb.TempDir()
	c := collectortest.Start(tb, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: storage, Args: args})
	o := &overloaded{}
	ctx, cancel := context.WithTimeout(tb.Context(), duration)
	defer cancel()
	var wg sync.WaitGroup
	for range overloadSenders {
		wg.Go(func() { o.send(ctx, tb, c.GRPC) })
	}
	wg.Wait()
	want, rows := int(o.acknowledged.Load()), 0
	o.disk = size(tb, storage)
	// What is in the queue takes its time.
	for deadline := time.Now().Add(5 * time.Minute); rows < want && time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		rows = db.number("SELECT count(*) FROM activity_log")
	}
	memory, err := proc.ReadMemory(c.PID())
	if err != nil {
		tb.Fatal(err)
	}
	o.peak = memory.Peak
	c.Stop()
	tb.Logf("%v: %d activities offered a second, %d taken; %d acknowledged, %d rows; %d requests sent again; %d MiB of memory at most, %d of disk",
		duration, offeredRate, databaseRate, want, rows, o.again.Load(), o.peak>>20, o.disk>>20)
	if rows != want {
		tb.Errorf("%d activities were acknowledged and %d are rows", want, rows)
	}
	if again := o.again.Load(); again > 0 {
		tb.Errorf("%d requests failed and were sent again; senders should wait instead", again)
	}
	if o.peak > mostMemory {
		tb.Errorf("the Collector took %d MiB, and may take %d", o.peak>>20, mostMemory>>20)
	}
	return o
}

// send is one sender: it offers its part, and waits when it is made to.
func (o *overloaded) send(ctx context.Context, tb testing.TB, address string) {
	sender, err := load.Dial(address, overloadTimeout)
	if err != nil {
		tb.Error(err)
		return
	}
	defer sender.Close()
	pace := time.NewTicker(time.Second * overloadRecords * overloadSenders / offeredRate)
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		from := int(o.next.Add(overloadRecords)) - overloadRecords
		request, err := load.NewRequest(from, overloadRecords, true)
		if err != nil {
			tb.Error(err)
			return
		}
		// Not ctx: a request is finished, so that we know its answer.
		for sender.Send(context.Background(), request) != nil {
			if o.again.Add(1) > 1000 {
				tb.Error("requests keep failing")
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		o.acknowledged.Add(overloadRecords)
	}
}

// size is how much the files of a folder have.
func size(tb testing.TB, folder string) (total int64) {
	tb.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			tb.Fatal(err)
		}
		total += info.Size()
	}
	return total
}
