package dialecttest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/store"
)

// patience is how long anything may take when the database says nothing and the
// timeout is a second: connections have timeouts of their own.
const patience = 20 * time.Second

// silent: a database that accepts connections and says nothing holds nobody up
// for ever, from the start or in the middle, and is used again once it speaks.
func silent(t *testing.T, h Harness) {
	if h.Through == nil {
		t.Log("does not apply: this database has no connection that could be silent")
		return
	}
	dsn := h.New(t)
	h.open(t, dsn, nil).write(Rows(1)...)
	p := newProxy(t, h.Server)
	rows := Rows(300)
	p.freeze()
	o := h.open(t, h.Through(dsn, p.address()), func(cfg *store.Config) {
		cfg.Timeout = time.Second
		cfg.CreateSchema = h.Schema == nil // what makes it would wait for the database as well
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			o.ends("write", func() error { return o.Write(t.Context(), slices.Clone(rows)) })
		})
	}
	o.ends("prepare", func() error { return o.Prepare(t.Context()) })
	o.ends("maintain", func() error { return o.Maintain(t.Context()) })
	wg.Wait()
	p.thaw()
	o.writeUntil(rows[:290]...)
	p.freeze()
	o.ends("write", func() error { return o.Write(t.Context(), slices.Clone(rows[280:])) }) // it may arrive later
	p.thaw()
	o.writeUntil(rows...)
	o.expectFrom(dsn, 301)

	// Without a timeout it is the end of the collector that ends it.
	for _, ready := range []bool{false, true} {
		other := h.open(t, h.Through(dsn, p.address()), nil)
		if ready {
			other.writeUntil(rows...)
		}
		p.freeze()
		ended := make(chan error, 1)
		go func() { ended <- other.Write(context.Background(), Rows(10)) }()
		time.Sleep(100 * time.Millisecond)
		stopped := time.Now()
		other.Stop()
		select {
		case err := <-ended:
			if err == nil {
				t.Error("a write to a database that says nothing: no error")
			}
		case <-time.After(patience):
			t.Fatalf("a write goes on %v after Stop", time.Since(stopped))
		}
		other.ends("close", func() error { _ = other.Close(); return errAny })
		p.thaw()
	}
}

var errAny = context.Canceled

// ends checks that something fails, and soon.
func (o *opened) ends(what string, do func() error) {
	o.t.Helper()
	start := time.Now()
	if err := do(); err == nil && (o.h.Schema == nil || what != "maintain") {
		o.t.Errorf("%s with a database that says nothing: no error", what)
	}
	if took := time.Since(start); took > patience {
		o.t.Errorf("%s with a database that says nothing: took %v", what, took)
	}
}

// expectFrom counts the rows by a connection of its own.
func (o *opened) expectFrom(dsn string, want int) {
	o.t.Helper()
	o.h.open(o.t, dsn, nil).expect(want, "SELECT count(*) FROM activity_log")
}
