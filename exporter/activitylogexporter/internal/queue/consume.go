package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// consume runs one consumer until the queue is closed.
func (q *Queue) consume() {
	for q.ctx.Err() == nil {
		if q.hasOutage() {
			if q.isDraining() {
				return
			}
			q.awaitDatabase()
			continue
		}
		b := q.gather()
		if b != nil {
			q.attempt(b)
		} else if q.isDraining() {
			return
		}
	}
}

// maxRetrying is how many consumers may retry batches at the same time.
func (q *Queue) maxRetrying() int { return max(1, q.cfg.Consumers/2) }

// attempt writes a batch and reports whether that worked. If not, the batch is
// put among the retries.
func (q *Queue) attempt(b *batch) bool {
	start := time.Now()
	q.mu.Lock()
	b.moves = q.kept.moves
	q.mu.Unlock()
	err := q.write(b)
	now := time.Now()
	if b.retry != nil || err != nil {
		defer q.wake() // the time of the next retry may have changed
	}
	if err == nil {
		q.stored(b, now.Sub(start))
		return true
	}
	if q.ctx.Err() != nil { // the queue is being closed; the batch stays on disk
		return false
	}
	q.observer.Failed(b.records, err)
	notReady := q.ready()
	if notReady == nil { // the retry is read from disk; leave the memory to other requests
		q.release(b)
	}
	q.mu.Lock()
	if b.retry != nil {
		q.retries.ended(now.Sub(start), now)
	}
	r := q.retries.failed(b, err, notReady == nil, now)
	if b.retry == nil {
		q.streak++
	}
	switch {
	case notReady != nil:
		q.setOutage(notReady)
	case q.streak >= 2*q.cfg.Consumers:
		q.setOutage(err)
	}
	q.mu.Unlock()
	if notReady == nil && len(b.items) == 1 {
		q.move(r, b.items[0])
	}
	return false
}

// stored notes that a batch is in the database.
func (q *Queue) stored(b *batch, took time.Duration) {
	q.release(b)
	q.mu.Lock()
	if b.retry != nil {
		q.retries.ended(took, time.Now())
		q.retries.forget(b.retry)
	}
	q.streak = 0
	q.setOutage(nil) // Close writes what is left only if there is none
	records, old := q.done(b, time.Now())
	q.mu.Unlock()
	q.log.Ack(old...)
	if records < b.records { // some are counted already
		b.unnamed = 0
	}
	q.observer.Stored(records, b.unnamed)
	q.observer.Database(nil)
}

// release removes the rows of a batch from the cache.
func (q *Queue) release(b *batch) {
	for _, it := range b.items {
		q.cache.drop(it.key)
	}
}

// merged holds slices for the rows of a batch, for reuse.
var merged = sync.Pool{New: func() any { return new([]row.Row) }}

// write writes the rows of a batch. It passes a copy, because the writer may sort
// and truncate the rows, and the batch may be retried.
func (q *Queue) write(b *batch) error {
	rows := merged.Get().(*[]row.Row)
	all := (*rows)[:0]
	readable := b.items[:0]
	b.unnamed = 0
	for _, it := range b.items {
		if cached, ok := q.cache.get(it.key); ok {
			all = append(all, cached.rows...)
			b.unnamed += cached.unnamed
		} else {
			own, err := q.decode(it)
			if err != nil {
				q.setAside(it, err)
				continue
			}
			all = append(all, own.Rows...)
			b.unnamed += own.Unnamed
			q.converter.Release(own)
		}
		readable = append(readable, it)
	}
	b.items = readable
	var err error
	if len(all) > 0 {
		err = q.writer.Write(q.ctx, all)
	}
	clear(all[:cap(all)])
	*rows = all[:0]
	if cap(all) <= 4*q.cfg.MaxRows {
		merged.Put(rows)
	}
	return err
}

func (q *Queue) decode(it item) (*convert.Batch, error) {
	body, err := it.body(it.payload)
	if err != nil {
		return nil, err
	}
	if it.signal == Traces {
		td, err := decodeTraces(body)
		if err != nil {
			return nil, err
		}
		return q.converter.Traces(td), nil
	}
	ld, err := decodeLogs(body)
	if err != nil {
		return nil, err
	}
	return q.converter.Logs(ld), nil
}

// move writes a request that keeps failing to the end of the log, once the log is
// half full. Otherwise the request would keep its old segment from being deleted.
func (q *Queue) move(r *retry, it item) {
	if r.failures < 3 {
		return
	}
	if st := q.log.Stats(); st.Bytes < st.MaxBytes/2 {
		return
	}
	q.mu.Lock()
	q.retries.move(r)
	q.mu.Unlock()
	if err := q.log.Append(q.ctx, it.payload); err == nil {
		q.log.Ack(it.seq)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.retries.returned(it)
}

// setAside moves a request that cannot be read to a file of its own, unchanged, so
// that another version may be able to read it.
func (q *Queue) setAside(it item, reason error) {
	file, err := q.saveAside(it)
	if err != nil {
		reason = errors.Join(reason, err)
	}
	q.observer.SetAside(file, fmt.Errorf("read a request of the queue: %w", reason))
	q.log.Ack(it.seq)
}

// maxSetAside is the most files of requests that were set aside.
const maxSetAside = 1000

func (q *Queue) saveAside(it item) (string, error) {
	dir := filepath.Join(q.cfg.Dir, "damaged")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if old, _ := filepath.Glob(filepath.Join(dir, "request-*.bin")); len(old) >= maxSetAside {
		return "", fmt.Errorf("%s has %d files already", dir, len(old))
	}
	name := filepath.Join(dir, fmt.Sprintf("request-%d-%d.bin", time.Now().UnixNano(), it.seq))
	if err := os.WriteFile(name, slices.Clone(it.payload), 0o600); err != nil {
		return "", err
	}
	return name, nil
}

// readyTimeout is the deadline of [Writer.Ready].
const readyTimeout = 5 * time.Second

func (q *Queue) ready() error {
	ctx, cancel := context.WithTimeout(q.ctx, readyTimeout)
	defer cancel()
	return q.writer.Ready(ctx)
}
