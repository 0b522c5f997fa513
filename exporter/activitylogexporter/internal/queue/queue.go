package queue

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/seglog"
)

// Queue is an open queue. Its methods may be called from many goroutines.
type Queue struct {
	cfg       Config
	writer    Writer
	observer  Observer
	converter *convert.Converter
	log       *seglog.Log
	cache     *cache
	keys      atomic.Uint64 // the key of the last request

	// One consumer at a time makes a batch.
	gathering chan struct{}
	held      []item // read already, for the next batch

	mu        sync.Mutex
	retries   retries
	kept      kept
	streak    int           // fresh batches that failed since one was written
	outage    error         // why only one consumer at a time may try; nil when all may
	probing   bool          // that consumer is at it
	changed   seglog.Signal // of outage and probing
	interrupt context.CancelFunc

	ctx       context.Context // of all writes
	cancel    context.CancelFunc
	draining  chan struct{} // closed by Close: write what is left, then end
	drainOnce sync.Once
	consumers sync.WaitGroup
}

// Open opens the queue in its folder and starts its consumers. When another
// process owns the folder the error is a [*seglog.OwnedError].
func Open(cfg Config, converter *convert.Converter, writer Writer, observer Observer) (*Queue, error) {
	log, err := seglog.Open(cfg.Dir, seglog.Options{MaxBytes: cfg.MaxBytes, RecordName: "requests, each of one or more activities,", OnEvent: observer.Event})
	if err != nil {
		return nil, err
	}
	q := &Queue{
		cfg: cfg, writer: writer, observer: observer, converter: converter, log: log,
		cache: newCache(cfg.CacheBytes), gathering: make(chan struct{}, 1), draining: make(chan struct{}),
	}
	q.retries.most = cfg.MaxBackoff
	if cfg.MaxBackoff == 0 {
		q.retries.most = maxBackoff
	}
	// Requests of an earlier process are on disk. Our keys must differ from theirs.
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	q.keys.Store(binary.LittleEndian.Uint64(seed[:]))
	q.ctx, q.cancel = context.WithCancel(context.Background())
	for range cfg.Consumers {
		q.consumers.Go(q.consume)
	}
	return q, nil
}

// AddLogs puts log records into the queue. All of them must be activities with an
// id. When it returns nil, they are on disk.
func (q *Queue) AddLogs(ctx context.Context, ld plog.Logs) error {
	body, err := new(plog.ProtoMarshaler).MarshalLogs(ld)
	if err != nil {
		return fmt.Errorf("marshal logs: %w", err)
	}
	return q.add(ctx, Logs, ld.LogRecordCount(), body, func() *convert.Batch { return q.converter.Logs(ld) })
}

// AddTraces is [Queue.AddLogs] for spans.
func (q *Queue) AddTraces(ctx context.Context, td ptrace.Traces) error {
	body, err := new(ptrace.ProtoMarshaler).MarshalTraces(td)
	if err != nil {
		return fmt.Errorf("marshal traces: %w", err)
	}
	return q.add(ctx, Traces, td.SpanCount(), body, func() *convert.Batch { return q.converter.Traces(td) })
}

func (q *Queue) add(ctx context.Context, signal Signal, records int, body []byte, convert func() *convert.Batch) error {
	key := q.keys.Add(1)
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = encode((*buf)[:0], signal, records, key, body)
	if q.cache.room(2 * len(body)) { // about the size of its rows
		rows := convert()
		q.cache.put(key, rows)
		q.converter.Release(rows)
	}
	err := q.append(ctx, *buf)
	if err != nil {
		q.cache.drop(key)
		q.observer.Rejected(signal, records, reason(err))
		return q.rejection(err, len(*buf))
	}
	q.observer.Queued(signal, records)
	return nil
}

// append writes a payload to the log. If the log is full, it removes what is kept, and
// waits up to FullTimeout.
func (q *Queue) append(ctx context.Context, payload []byte) error {
	err := q.log.Append(ctx, payload)
	if !errors.Is(err, seglog.ErrFull) {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, q.cfg.FullTimeout)
	defer cancel()
	q.needRoom(1)
	defer q.needRoom(-1)
	for errors.Is(err, seglog.ErrFull) {
		if q.makeRoom() {
			err = q.log.Append(ctx, payload)
			continue
		}
		select {
		case <-q.draining:
			return seglog.ErrFull
		default:
		}
		if waited := q.log.Wait(waiting, len(payload)); waited != nil {
			if ctx.Err() == nil && waiting.Err() != nil {
				return seglog.ErrFull
			}
			return waited
		}
		err = q.log.Append(ctx, payload)
	}
	return err
}

// Stats returns the figures of the log on disk.
func (q *Queue) Stats() seglog.Stats { return q.log.Stats() }

// Retrying returns how many requests were tried more than once and are still
// waiting, and the last error of one of them.
func (q *Queue) Retrying() (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.retries.retried()
}

// Close writes the requests of the queue while the database accepts them, until
// ctx ends, and then closes the log. Requests that are not written stay on disk.
func (q *Queue) Close(ctx context.Context) error {
	q.drainOnce.Do(func() { close(q.draining) })
	q.wake()
	done := make(chan struct{})
	go func() {
		q.consumers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	q.cancel()
	select {
	case <-done:
	case <-time.After(time.Second): // a driver may ignore its context
	}
	return q.log.Close()
}

// wake interrupts the consumer that waits for requests, so that it sees retries
// that are due and the end of an outage.
func (q *Queue) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changed.Fire()
	if q.interrupt != nil {
		q.interrupt()
	}
}

func (q *Queue) isDraining() bool {
	select {
	case <-q.draining:
		return true
	default:
		return false
	}
}
