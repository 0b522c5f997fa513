package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// fill adds requests until the queue is full.
func fill(t *testing.T, q *Queue) (records int) {
	t.Helper()
	for i := 0; ; i++ {
		err := q.AddLogs(t.Context(), logs(fmt.Sprint("fill", i), 200))
		if err != nil {
			return records
		}
		records += 200
	}
}

func TestFullQueueMakesSendersWaitAndThenTryAgain(t *testing.T) {
	db := newDatabase()
	db.away = errors.New("away")
	cfg := config(t.TempDir())
	cfg.MaxBytes = 1 << 20
	q, s := open(t, cfg, db)
	records := fill(t, q)
	begin := time.Now()
	err := q.AddLogs(t.Context(), logs("late", 200))
	if took := time.Since(begin); took < cfg.FullTimeout || took > 10*cfg.FullTimeout {
		t.Errorf("a sender waited %v for space; full_timeout is %v", took, cfg.FullTimeout)
	}
	if status.Code(err) != codes.Unavailable || consumererror.IsPermanent(err) || !strings.Contains(err.Error(), "max_bytes: 1048576") {
		t.Errorf("a full queue answers %v; want UNAVAILABLE that names max_bytes", err)
	}
	if s.rejected[ReasonFull] != 400 {
		t.Errorf("rejected: %v, want 400 records", s.rejected)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := q.AddLogs(ctx, logs("impatient", 200)); status.Code(err) != codes.Unavailable {
		t.Errorf("a sender whose time is over gets %v; want UNAVAILABLE", err)
	}
	var wg sync.WaitGroup
	for i := range 20 { // wait together
		wg.Go(func() {
			name := fmt.Sprint("waiting", i)
			for q.AddLogs(t.Context(), logs(name, 200)) != nil {
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	db.set(func(d *database) { d.away = nil })
	wg.Wait()
	wait(t, "all rows", patience, func() bool { return db.count() == records+20*200 })
}

// TestFullQueueThatBlocksGoesOn is the deadlock of upstream's issue 15700: senders
// that block on a full queue on disk, and consumers that empty it.
func TestFullQueueThatBlocksGoesOn(t *testing.T) {
	db := newDatabase()
	db.slow = 2 * time.Millisecond
	cfg := config(t.TempDir())
	cfg.MaxBytes, cfg.FullTimeout, cfg.CacheBytes = 1<<20, 10*time.Second, 0
	q, _ := open(t, cfg, db)
	var added atomic.Int64
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	for sender := range 16 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := q.AddLogs(t.Context(), logs(fmt.Sprint(sender, "-", i), 300)); err != nil {
					t.Errorf("add: %v", err)
					return
				}
				added.Add(300)
			}
		})
	}
	wg.Wait()
	wait(t, "all rows", patience, func() bool { return db.count() == int(added.Load()) })
	t.Logf("%d rows in 3 s through a queue of 1 MiB", added.Load())
}

func TestRequestLargerThanTheQueueIsRefusedAtOnce(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.MaxBytes, cfg.FullTimeout = 1<<20, time.Hour
	db := newDatabase()
	q, s := open(t, cfg, db)
	huge := logs("huge", 100_000)
	done := make(chan error)
	go func() { done <- q.AddLogs(t.Context(), huge) }()
	select {
	case err := <-done:
		if !consumererror.IsPermanent(err) || status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "max_bytes is 1048576") {
			t.Errorf("got %v; want a permanent error that names max_bytes", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("no answer")
	}
	if s.rejected[ReasonTooLarge] != 100_000 {
		t.Errorf("rejected: %v", s.rejected)
	}
	add(t, q, "small", 10)
	wait(t, "the next request", patience, func() bool { return db.count() == 10 })
}
