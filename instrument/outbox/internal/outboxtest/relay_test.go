package outboxtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// Two relays share the rows: each row is sent once.
func testTwoRelays(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	e := &exporter{slow: 10 * time.Millisecond}
	stop := run(outbox.NewRelay(box, db, e, outbox.WithLogger(quiet), outbox.WithBatch(7)),
		outbox.NewRelay(outbox.New(d.dialect), d.open(t), e, outbox.WithLogger(quiet), outbox.WithBatch(5), outbox.WithInterval(20*time.Millisecond)))
	defer stop()
	var mu sync.Mutex
	var want []string
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				id := record(t, db, box, update(fmt.Sprint(g, "-", i))).String()
				mu.Lock()
				want = append(want, id)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	testserver.Eventually(t, patience, func() bool { return waiting(t, db, box).Waiting == 0 })
	if got := sorted(e.got(activity.IDKey)); !slices.Equal(got, sorted(want)) {
		t.Errorf("%d records were sent for %d activities", len(got), len(want))
	}
}

// With WithOrder, the activities of one object leave in their order, although two relays
// run, the collector is away at first, and one row cannot be sent.
func testOrder(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	up := time.Now().Add(300 * time.Millisecond)
	e := &exporter{slow: 10 * time.Millisecond, refuse: func(records []sdklog.Record) error {
		for i := range records {
			if attributeOf(&records[i], activity.ActorIDKey) == "bad" {
				return errors.New("bad")
			}
		}
		if time.Now().Before(up) {
			return errors.New("overloaded")
		}
		return nil
	}}
	relay := func(batch int) *outbox.Relay {
		return outbox.NewRelay(box, d.open(t), e, outbox.WithOrder(), outbox.WithLogger(quiet), outbox.WithBatch(batch),
			outbox.WithInterval(10*time.Millisecond))
	}
	stop := run(relay(3), relay(16))
	defer stop()
	const objects, changes = 6, 25
	var wg sync.WaitGroup
	for object := range objects {
		wg.Go(func() {
			for n := range changes {
				a := update(strconv.Itoa(object))
				a.ActionName = strconv.Itoa(n)
				if object == 0 && n == 10 {
					a.Actor.ID = "bad"
				}
				record(t, db, box, a)
			}
		})
	}
	wg.Wait()
	testserver.Eventually(t, patience, func() bool { return waiting(t, db, box).Waiting == 1 })
	stop()
	next := map[string]int{}
	ids, names := e.got(activity.ObjectIDKey), e.got(activity.ActionNameKey)
	for i, id := range ids {
		n, _ := strconv.Atoi(names[i])
		if id == "0" && n == 11 && next[id] == 10 {
			next[id]++ // the bad one
		}
		if n != next[id] {
			t.Fatalf("object %s: change %d came in the place of %d", id, n, next[id])
		}
		next[id]++
	}
	if len(ids) != objects*changes-1 {
		t.Errorf("%d of %d were sent", len(ids), objects*changes-1)
	}
	if s := waiting(t, db, box); s.Failing != 1 {
		t.Errorf("figures %+v", s)
	}
}

// A row that cannot be decoded, and one that is refused, stop no other. They stay, and
// are sent when they have been corrected.
func testRowsThatFail(t *testing.T, d database) {
	db, ctx := d.open(t), t.Context()
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	reader := sdkmetric.NewManualReader()
	e := &exporter{refuse: func(records []sdklog.Record) error {
		for i := range records {
			if attributeOf(&records[i], activity.ObjectIDKey) == "refused" {
				return errors.New("422: it is \x00 not \xff liked")
			}
		}
		return nil
	}}
	relay := outbox.NewRelay(box, db, e, outbox.WithLogger(quiet), outbox.WithInterval(10*time.Millisecond),
		outbox.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	stop := run(relay)
	defer stop()

	// Alone, it may be the collector that fails: it is no failure of the row yet.
	refused := record(t, db, box, update("refused")).String()
	time.Sleep(200 * time.Millisecond)
	if s := waiting(t, db, box); s.Waiting != 1 || s.Failing != 0 {
		t.Fatalf("alone: %+v", s)
	}
	for i := range 20 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		id, err := box.Record(ctx, tx, update(strconv.Itoa(i)))
		if err == nil && i == 10 { // before a relay sees it
			_, err = tx.ExecContext(ctx, "UPDATE activity_outbox SET record = '{' WHERE event_id = '"+id.String()+"'")
		}
		if err != nil || tx.Commit() != nil {
			t.Fatal(err)
		}
	}
	testserver.Eventually(t, patience, func() bool {
		s := waiting(t, db, box)
		return s.Waiting == 2 && s.Failing == 2
	})
	time.Sleep(100 * time.Millisecond)
	f := figures(t, reader)
	if f["activity.outbox.waiting"] != 2 || f["activity.outbox.failing"] != 2 || f["activity.outbox.sent"] < 19 ||
		f["activity.outbox.failed/refused"] != 1 || f["activity.outbox.oldest_age"] <= 0.1 || f["activity.outbox.oldest_age"] > 60 {
		t.Errorf("metrics %v", f)
	}
	stop()
	var attempts int
	var text string
	if err := db.QueryRowContext(ctx, "SELECT attempts, error FROM activity_outbox WHERE event_id = '"+refused+"'").Scan(&attempts, &text); err != nil {
		t.Fatal(err)
	}
	if attempts != 1 || text != "422: it is  not  liked" {
		t.Errorf("%d attempts, error %q", attempts, text)
	}
	if err := relay.Flush(ctx); err != nil { // they are not due before a minute
		t.Fatal(err)
	}
	exec(t, db, "UPDATE activity_outbox SET retry_at = NULL")
	exec(t, db, `UPDATE activity_outbox SET record = '{"event_id":"`+refused+`","action_type":"Update","object_id":"corrected"}' WHERE event_id = '`+refused+`'`)
	if err := relay.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if s := waiting(t, db, box); s.Waiting != 1 || s.Failing != 1 {
		t.Errorf("after one was corrected: %+v", s)
	}
	if got := e.got(activity.ObjectIDKey); !slices.Contains(got, "corrected") || slices.Contains(got, "refused") || slices.Contains(got, "10") {
		t.Errorf("sent: %v", got)
	}
}

// figures returns the last values of metrics, with the reason of a failure.
func figures(t *testing.T, reader *sdkmetric.ManualReader) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, s := range all.ScopeMetrics {
		for _, m := range s.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Gauge[int64]:
				values[m.Name] = float64(data.DataPoints[0].Value)
			case metricdata.Gauge[float64]:
				values[m.Name] = data.DataPoints[0].Value
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					name := m.Name
					if reason, ok := p.Attributes.Value("reason"); ok {
						name += "/" + reason.AsString()
					}
					values[name] = float64(p.Value)
				}
			}
		}
	}
	return values
}

// While the collector is away, rows wait and none of them is a failure.
func testOutage(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	var up, hang bool
	e := &exporter{}
	e.refuse = func([]sdklog.Record) error {
		if up {
			return nil
		}
		if hang = !hang; hang {
			panic("of the exporter")
		}
		return errors.New("connection refused")
	}
	var want []string
	for i := range 40 {
		want = append(want, record(t, db, box, update(strconv.Itoa(i))).String())
	}
	stop := run(outbox.NewRelay(box, db, e, outbox.WithLogger(quiet)), outbox.NewRelay(box, db, e, outbox.WithLogger(quiet)))
	defer stop()
	time.Sleep(700 * time.Millisecond)
	if s := waiting(t, db, box); s.Waiting != 40 || s.Failing != 0 {
		t.Errorf("while it is away: %+v", s)
	}
	e.mu.Lock()
	up = true
	e.mu.Unlock()
	testserver.Eventually(t, patience, func() bool { return waiting(t, db, box).Waiting == 0 })
	if got := sorted(e.got(activity.IDKey)); !slices.Equal(slices.Compact(got), sorted(want)) {
		t.Errorf("%d of %d were sent", len(got), len(want))
	}
}

// A row is sent soon after its commit, although the relay looks at the table once an
// hour.
func testWake(t *testing.T, d database) {
	db, ctx := d.open(t), t.Context()
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	e := &exporter{}
	defer run(outbox.NewRelay(box, db, e, outbox.WithInterval(time.Hour), outbox.WithLogger(quiet)))()
	time.Sleep(50 * time.Millisecond)
	for i, slow := range []time.Duration{0, 0, 200 * time.Millisecond} {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := box.Record(ctx, tx, update("1")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(slow)
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		testserver.Eventually(t, patience, func() bool { return len(e.got(activity.IDKey)) == i+1 })
		within(t, 2*time.Second, began, "sending")
		t.Logf("sent %v after the commit", time.Since(began))
	}
}

// Another process is woken by PostgreSQL, also if it records by pgx.
func TestNotify(t *testing.T) {
	server := pgtest.Start(t)
	d := database{outbox.PostgreSQL, "pgx", "postgres", server.DSN(), ""}
	db := d.open(t)
	notifying := outbox.New(d.dialect, outbox.WithNotify("it's new"))
	exec(t, db, notifying.Schema())
	conn, err := pgx.Connect(t.Context(), d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `LISTEN "it's new"`); err != nil {
		t.Fatal(err)
	}
	e := &exporter{}
	stop := run(outbox.NewRelay(outbox.New(d.dialect), db, e, outbox.WithInterval(time.Hour), outbox.WithLogger(quiet),
		outbox.WithWait(func(ctx context.Context) error {
			_, err := conn.WaitForNotification(ctx)
			return err
		})))
	defer stop()
	time.Sleep(300 * time.Millisecond) // until it has looked at the table for the first time
	for i := range 3 {
		began := time.Now()
		if i == 2 {
			if _, err := recordByPgx(t, d.dsn, notifying); err != nil {
				t.Fatal(err)
			}
		} else {
			record(t, db, notifying, update("1"))
		}
		testserver.Eventually(t, patience, func() bool { return len(e.got(activity.IDKey)) == i+1 })
		within(t, time.Second, began, "sending")
	}
}

// A relay that is stopped while its exporter hangs ends at once, and another one sends
// what it had claimed.
func testStop(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	id := record(t, db, box, update("1")).String()
	h := hanging{started: make(chan struct{})}
	stop := run(outbox.NewRelay(box, db, h, outbox.WithLogger(quiet), outbox.WithOrder()))
	<-h.started
	began := time.Now()
	stop()
	within(t, 2*time.Second, began, "stopping")
	e := &exporter{}
	if err := outbox.NewRelay(box, db, e, outbox.WithOrder()).Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.got(activity.IDKey); !slices.Equal(got, []string{id}) {
		t.Errorf("got %v, want %v", got, id)
	}
}

// Transactions do not wait for a relay that sends.
func testRecordWhileSending(t *testing.T, d database) {
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	for i := range 20 {
		record(t, db, box, update(strconv.Itoa(i)))
	}
	h := hanging{started: make(chan struct{})}
	stop := run(outbox.NewRelay(box, db, h, outbox.WithLogger(quiet), outbox.WithOrder()))
	defer stop()
	<-h.started
	began := time.Now()
	for i := range 20 {
		record(t, db, box, update(strconv.Itoa(i)))
	}
	within(t, 2*time.Second, began, "recording")
}

// hanging is an exporter that returns when its context ends.
type hanging struct{ started chan struct{} }

func (h hanging) Export(ctx context.Context, _ []sdklog.Record) error {
	close(h.started)
	<-ctx.Done()
	return ctx.Err()
}
func (hanging) ForceFlush(context.Context) error { return nil }
func (hanging) Shutdown(context.Context) error   { return nil }

// The database is away for a moment: the relay goes on.
func TestDatabaseRestarts(t *testing.T) {
	server := pgtest.Start(t)
	d := database{outbox.PostgreSQL, "pgx", "postgres", server.DSN(), ""}
	db := d.open(t)
	box := outbox.New(d.dialect)
	exec(t, db, box.Schema())
	e := &exporter{}
	defer run(outbox.NewRelay(box, db, e, outbox.WithLogger(quiet)))()
	record(t, db, box, update("1"))
	testserver.Eventually(t, patience, func() bool { return len(e.got(activity.IDKey)) == 1 })
	server.Stop()
	time.Sleep(300 * time.Millisecond)
	server.Start()
	testserver.Eventually(t, patience, func() bool { return db.PingContext(t.Context()) == nil })
	record(t, db, box, update("2"))
	testserver.Eventually(t, patience, func() bool { return strings.HasSuffix(join(e.got(activity.ObjectIDKey)), "2") })
}
