package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
)

// collector accepts records unless it is told not to.
type collector struct {
	bad   map[string]bool // object ids
	down  func(call int) error
	calls int
	got   []string
}

func (c *collector) Export(_ context.Context, records []sdklog.Record) error {
	c.calls++
	if c.down != nil {
		if err := c.down(c.calls); err != nil {
			return err
		}
	}
	var batch []string
	for i := range records {
		id := attributesOf(&records[i])[activity.ObjectIDKey].AsString()
		if c.bad[id] {
			return fmt.Errorf("%s is bad", id)
		}
		batch = append(batch, id)
	}
	c.got = append(c.got, batch...)
	return nil
}
func (*collector) ForceFlush(context.Context) error { return nil }
func (*collector) Shutdown(context.Context) error   { return nil }

func rowsFor(t *testing.T, n int) []row {
	t.Helper()
	m := newMaker(New(SQLite).resource)
	rows := make([]row, n)
	for i := range rows {
		r, err := recordOf(t.Context(), activity.Activity{ActionType: activity.ActionRead, Object: activity.Object{ID: strconv.Itoa(i)}})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := r.encode()
		rows[i] = row{seq: int64(i), id: r.id.String(), text: text}
		if rows[i].record, err = m.record(text); err != nil {
			t.Fatal(err)
		}
	}
	return rows
}

// Rows are refused if a later one is accepted, wherever they are in a batch. Others are
// sent in their order.
func TestDeliver(t *testing.T) {
	for _, tt := range []struct {
		name     string
		n        int
		bad      []int
		failures int // attempts before
		sent     int
		refused  []int64
		fails    bool
	}{
		{name: "none", n: 0},
		{name: "all", n: 256, sent: 256},
		{name: "one, bad", n: 1, bad: []int{0}, fails: true},
		{name: "first", n: 256, bad: []int{0}, sent: 255, refused: []int64{0}},
		{name: "middle", n: 256, bad: []int{100, 101, 200}, sent: 253, refused: []int64{100, 101, 200}},
		{name: "last", n: 256, bad: []int{255}, sent: 255, fails: true},
		{name: "first and last", n: 5, bad: []int{0, 4}, sent: 3, refused: []int64{0}, fails: true},
		{name: "every second", n: 64, bad: every(2, 64), sent: 32, refused: int64s(every(2, 64))},
		{name: "many at the beginning", n: 64, bad: until(40), fails: true},
		{name: "many at the beginning, tenth attempt", n: 64, bad: until(40), failures: 9, sent: 24, refused: int64s(until(40))},
		{name: "every one", n: 64, bad: until(64), fails: true},
		{name: "every one, tenth attempt", n: 64, bad: until(64), failures: 9, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &collector{bad: map[string]bool{}}
			for _, i := range tt.bad {
				c.bad[strconv.Itoa(i)] = true
			}
			r := NewRelay(New(SQLite), nil, c)
			r.failures = max(tt.failures, wholeTries)
			sent, bad, err := r.deliver(t.Context(), rowsFor(t, tt.n))
			var refusedSeqs []int64
			for _, f := range bad {
				refusedSeqs = append(refusedSeqs, f.seq)
				if f.reason != refused || f.err.Error() != fmt.Sprint(f.seq, " is bad") {
					t.Errorf("%d: %s, %v", f.seq, f.reason, f.err)
				}
			}
			if len(sent) != tt.sent || !slices.Equal(refusedSeqs, tt.refused) || (err != nil) != tt.fails {
				t.Errorf("%d sent, %v refused, %v; want %d, %v, %v", len(sent), refusedSeqs, err, tt.sent, tt.refused, tt.fails)
			}
			if !slices.IsSortedFunc(sent, func(a, b row) int { return int(a.seq - b.seq) }) || len(c.got) != len(sent) {
				t.Errorf("sent %v, arrived %v", seqs(sent), c.got)
			}
		})
	}
}

func until(n int) []int { return every(1, n) }

func every(step, n int) (list []int) {
	for i := 0; i < n; i += step {
		list = append(list, i)
	}
	return list
}

func int64s(list []int) (longer []int64) {
	for _, i := range list {
		longer = append(longer, int64(i))
	}
	return longer
}

// While a collector is away, no row is to blame, and it gets few requests.
func TestDeliverToNobody(t *testing.T) {
	away := errors.New("connection refused")
	for name, tt := range map[string]struct {
		down    func(int) error
		sent    int
		calls   int
		refused int
	}{
		"always":         {func(int) error { return away }, 0, 18, 0},
		"too slow":       {func(int) error { return context.DeadlineExceeded }, 0, 1, 0},
		"in the middle":  {func(call int) error { return ifTrue(call == 1 || call > 2, away) }, 32, 20, 0},
		"for a moment":   {func(call int) error { return ifTrue(call < 4, away) }, 64, 7, 0},
		"panics at once": {func(int) error { panic("x") }, 0, 18, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := &collector{down: tt.down}
			r := NewRelay(New(SQLite), nil, c)
			rows := rowsFor(t, 64)
			if sent, bad, err := r.deliver(t.Context(), rows[:8]); len(sent)+len(bad) > 0 || err == nil || c.calls != 1 {
				t.Errorf("first attempt: %d sent, %d refused, %v, in %d calls", len(sent), len(bad), err, c.calls)
			}
			r.failures, c.calls = wholeTries, 0
			sent, bad, err := r.deliver(t.Context(), rows)
			if len(sent) != tt.sent || len(bad) != tt.refused || (err == nil) != (tt.sent == 64) || c.calls > tt.calls {
				t.Errorf("%d sent, %d refused, %v, in %d calls", len(sent), len(bad), err, c.calls)
			}
		})
	}
}

func ifTrue(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func TestBackoff(t *testing.T) {
	r := NewRelay(New(SQLite), nil, &collector{})
	for failures, longest := range map[int]time.Duration{0: 200 * time.Millisecond, 1: 400 * time.Millisecond, 4: 3200 * time.Millisecond, 5: 5 * time.Second, 1000: 5 * time.Second} {
		r.failures = failures
		for range 20 {
			if d := r.backoff(); d > longest || d < longest/2-1 {
				t.Errorf("%d failures: %v", failures, d)
			}
		}
	}
}
