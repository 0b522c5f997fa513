package fold

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.uber.org/zap"
)

// Bounds of what is held in memory. Beyond them, refusals are folded by a coarser key.
const (
	maxOfClient = 200    // finest keys of one service and address
	maxFine     = 10_000 // finest keys
	maxClients  = 12_000 // finest keys, and those of whole clients
	maxAll      = 13_000 // keys; beyond them, refusals are rows as they are
	maxWaiting  = 20     // batches that the next component has refused
	rowsInBatch = 1000
)

// carrier is how the records of one signal are copied and sent. T is a batch of them.
type carrier[T any] struct {
	send  func(context.Context, T) error
	copy  func(T) T
	merge func(to, from T) // moves the records
}

// folder folds refusals. It is safe for concurrent use.
type folder[T any] struct {
	carrier[T]
	window time.Duration
	logger *zap.Logger

	mu      sync.Mutex // guards the fields below
	running bool       // a refusal that is counted will be written
	entries map[key]*entry[T]
	clients map[key]int // how many of the finest keys each one has
	fine    int         // finest keys
	seen    memory

	flushing sync.Mutex // guards waiting, and keeps rows in their order
	waiting  []batch[T]

	stop chan struct{}
	done chan struct{}
}

// entry is what is known of a key since its first refusal.
type entry[T any] struct {
	ends   time.Time
	client key // 0 unless the key is one of the finest
	row    *row[T]
}

type batch[T any] struct {
	records  T
	refusals int
}

func newFolder[T any](window time.Duration, logger *zap.Logger, c carrier[T]) *folder[T] {
	return &folder[T]{
		carrier: c, window: window, logger: logger, entries: map[key]*entry[T]{}, clients: map[key]int{},
		// Senders resend for some minutes.
		seen: newMemory(10 * window),
	}
}

// fold reports whether a refusal is part of the row of others, and whether it was counted
// now. copied returns a batch with nothing but a copy of its record.
func (f *folder[T]) fold(r *refusal, p part, copied func() *row[T]) (folded, counted bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.running {
		return false, false
	}
	if first, seen := f.seen.get(r.id); seen {
		return !first, false
	}
	now := time.Now()
	e, isNew := f.entry(r, now)
	if e == nil {
		return false, false
	}
	f.seen.put(r.id, isNew, now)
	switch {
	case isNew:
		return false, false
	case e.row == nil:
		e.row = copied()
		e.row.begin(r.id)
	default:
		e.row.add(r.id, p)
	}
	return true, true
}

// entry returns the entry of a refusal, and whether the refusal is the first of it. It is
// nil if there is no room for another one.
func (f *folder[T]) entry(r *refusal, now time.Time) (e *entry[T], isNew bool) {
	client := r.client()
	for i, k := range r.keys() {
		if e := f.entries[k]; e != nil {
			return e, false
		}
		switch {
		case i == 0 && f.fine < maxFine && f.clients[client] < maxOfClient:
			f.fine++
			f.clients[client]++
			e = &entry[T]{ends: now.Add(f.window), client: client}
		case i == 1 && len(f.entries) < maxClients, i == 2 && len(f.entries) < maxAll:
			e = &entry[T]{ends: now.Add(f.window)}
		default:
			continue
		}
		f.entries[k] = e
		return e, true
	}
	return nil, false
}

// Start begins to fold.
func (f *folder[T]) Start() {
	f.stop, f.done = make(chan struct{}), make(chan struct{})
	f.mu.Lock()
	f.running = true
	f.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-f.stop
		cancel()
	}()
	go f.run(ctx)
}

// run writes the rows of windows that have ended.
func (f *folder[T]) run(ctx context.Context) {
	defer close(f.done)
	ticker := time.NewTicker(max(f.window/20, 100*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if err := f.flush(ctx, now); err != nil && ctx.Err() == nil {
				f.logger.Warn("The next component did not take the rows of folded refusals. They are kept and sent again.", zap.Error(err))
			}
		}
	}
}

// Shutdown writes what is left. What the next component does not take then is lost.
func (f *folder[T]) Shutdown(ctx context.Context) error {
	f.mu.Lock()
	running := f.running
	f.running = false
	f.mu.Unlock()
	if !running {
		return nil
	}
	close(f.stop)
	<-f.done
	if err := f.flush(ctx, time.Time{}); err != nil {
		lost := 0
		for _, b := range f.waiting {
			lost += b.refusals
		}
		return fmt.Errorf("write %d folded refusals: %w", lost, err)
	}
	return nil
}

// flush writes the rows of the windows that have ended by now, or of all if now is zero,
// and those that the next component has refused before.
func (f *folder[T]) flush(ctx context.Context, now time.Time) error {
	f.flushing.Lock()
	defer f.flushing.Unlock()
	if len(f.waiting) < maxWaiting || now.IsZero() {
		f.waiting = append(f.waiting, f.batches(f.take(now))...)
	} // else, the windows stay open and go on counting
	for len(f.waiting) > 0 {
		b := &f.waiting[0]
		switch err := f.send(ctx, f.copy(b.records)); {
		case consumererror.IsPermanent(err):
			f.logger.Error("The next component refuses rows of folded refusals. They are lost.", zap.Int("refusals", b.refusals), zap.Error(err))
		case err != nil:
			return err
		}
		f.waiting = f.waiting[1:]
	}
	f.waiting = nil
	return nil
}

// take removes the entries whose window has ended and returns their rows.
func (f *folder[T]) take(now time.Time) (rows []*row[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, e := range f.entries {
		if !now.IsZero() && now.Before(e.ends) {
			continue
		}
		delete(f.entries, k)
		if e.client != 0 {
			f.fine--
			if f.clients[e.client]--; f.clients[e.client] == 0 {
				delete(f.clients, e.client)
			}
		}
		if e.row != nil {
			rows = append(rows, e.row)
		}
	}
	return rows
}

// batches finishes rows and puts them together.
func (f *folder[T]) batches(rows []*row[T]) (all []batch[T]) {
	for i, w := range rows {
		w.finish()
		if i%rowsInBatch == 0 {
			all = append(all, batch[T]{records: w.batch, refusals: w.count})
			continue
		}
		last := &all[len(all)-1]
		f.merge(last.records, w.batch)
		last.refusals += w.count
	}
	return all
}
