package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otelactivity/activitylog/internal/seglog"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// maxReports limits the messages about files that were damaged or removed.
const maxReports = 20

// hungWait is how long emitting waits for a disk that did not answer in time the last
// time.
const hungWait = 10 * time.Millisecond

// disk is a queue in files.
type disk struct {
	log     *seglog.Log
	timeout time.Duration
	hung    atomic.Bool
	shared  atomic.Pointer[sharedDeadline]
	buffers sync.Pool
	decoder decoder // only the sending goroutine uses decoder and spare
	spare   batch   // an empty one, for reuse
	// most is the largest size of a batch with this record, after a larger one failed.
	most   map[uint64]int
	recent recent

	lossMu sync.Mutex
	losses []Drop // reported by the log, not yet by the spool
}

func openDisk(c *config) (*disk, error) {
	logger, reported := c.logger, 0 // by the log, one call at a time
	d := &disk{timeout: c.writeTimeout, most: make(map[uint64]int), buffers: sync.Pool{New: func() any { return new([]byte) }}}
	log, err := seglog.Open(c.dir, seglog.Options{
		MaxBytes:   c.maxBytes,
		RecordName: "activities",
		OnEvent: func(e seglog.Event) {
			level := slog.LevelWarn
			if e.Records > 0 || e.Kind == seglog.KindWriteFailed {
				level = slog.LevelError
			}
			// For many damaged records only their number is logged, once a minute.
			if reported++; reported <= maxReports || e.Kind == seglog.KindWriteFailed || e.Kind == seglog.KindWriteWorks {
				logger.Log(context.Background(), level, "activity spool: "+e.String())
			}
			if e.Records > 0 {
				d.lossMu.Lock() // the log must not be used in its callback
				defer d.lossMu.Unlock()
				d.losses = append(d.losses, Drop{Reason: Unreadable, Count: int(e.Records), Err: e.Err})
			}
		},
	})
	if err != nil {
		return nil, err
	}
	d.log = log
	return d, nil
}

// lost returns the losses that the log reported since the last call.
func (d *disk) lost() []Drop {
	d.lossMu.Lock()
	defer d.lossMu.Unlock()
	losses := d.losses
	d.losses = nil
	return losses
}

// put returns when the record is on disk. After a timeout the record may be written
// later.
func (d *disk) put(r *sdklog.Record) error {
	buf := d.buffers.Get().(*[]byte)
	*buf = encode((*buf)[:0], r)
	defer func() {
		if cap(*buf) <= 64<<10 {
			d.buffers.Put(buf)
		}
	}()
	ctx := d.deadline()
	if d.hung.Load() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, hungWait)
		defer cancel()
	}
	seq, err := d.log.AppendSeq(ctx, *buf)
	if err == nil {
		d.recent.put(seq, r)
	}
	if hung := errors.Is(err, context.DeadlineExceeded); hung != d.hung.Load() {
		d.hung.Store(hung)
	}
	return err
}

// maxRecent bounds the records that are also in memory.
const maxRecent = 2048

// recent holds records that were just emitted, because decoding one costs more than
// emitting it.
type recent struct {
	mu      sync.Mutex
	records map[uint64]sdklog.Record
	last    uint64 // that was taken
}

func (c *recent) put(seq uint64, r *sdklog.Record) {
	c.mu.Lock()
	full := seq <= c.last || len(c.records) >= maxRecent
	c.mu.Unlock()
	if full {
		return
	}
	clone := r.Clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.records == nil {
		c.records = make(map[uint64]sdklog.Record)
	}
	if seq > c.last {
		c.records[seq] = clone
	}
}

func (c *recent) take(seq uint64) (sdklog.Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, seq)
	r, ok := c.records[seq]
	delete(c.records, seq)
	return r, ok
}

// deadline returns a context that ends after the timeout, or up to a fifth later.
// Many records share one, because a context costs more than the rest of emitting.
func (d *disk) deadline() context.Context {
	now := time.Now()
	if s := d.shared.Load(); s != nil && s.until.Sub(now) >= d.timeout {
		return s.ctx
	}
	s := &sharedDeadline{until: now.Add(d.timeout + d.timeout/5)}
	s.ctx, s.cancel = context.WithDeadline(context.Background(), s.until)
	d.shared.Store(s) // the previous one ends by itself
	return s.ctx
}

type sharedDeadline struct {
	ctx    context.Context
	cancel context.CancelFunc
	until  time.Time
}

// close closes the log. No caller may be waiting for it.
func (d *disk) close() error {
	if s := d.shared.Load(); s != nil {
		s.cancel()
	}
	return d.log.Close()
}

// take takes up to n records. Records that cannot be decoded go to lost.
func (d *disk) take(n int, lost func(error)) batch {
	b := d.spare
	d.spare = batch{}
	for b.len() < n {
		rec, ok := d.log.TryNext()
		if !ok {
			break
		}
		most := d.most[rec.Seq]
		if b.len() > 0 && (most != d.most[b.notes[0].seq] || most > 0 && b.len() >= most) {
			d.log.Nack(rec.Seq, 0) // it begins the next batch
			break
		}
		record, known := d.recent.take(rec.Seq)
		var err error
		if !known {
			record, err = d.decoder.decode(rec.Payload)
		}
		if err != nil {
			d.log.Ack(rec.Seq)
			delete(d.most, rec.Seq)
			lost(fmt.Errorf("activity that was emitted at %v: %w", rec.Time, err))
			continue
		}
		if b.len() == 0 && cap(b.records) < n {
			b = batch{make([]sdklog.Record, 0, n), make([]note, 0, n)}
		}
		b.add(record, note{at: rec.Time, seq: rec.Seq})
	}
	return b
}

func (d *disk) done(b batch) {
	seqs := make([]uint64, b.len())
	for i := range b.notes {
		seqs[i] = b.notes[i].seq
	}
	d.log.Ack(seqs...)
	for _, seq := range seqs {
		delete(d.most, seq)
	}
	clear(b.records)
	d.spare = batch{b.records[:0], b.notes[:0]}
}

// part puts a batch back. Its records are returned again only with each other, in
// batches of at most half the size.
func (d *disk) part(b batch, delay time.Duration) {
	for i := range b.notes {
		d.most[b.notes[i].seq] = b.len() / 2
	}
	d.later(b, delay)
}

func (d *disk) later(b batch, delay time.Duration) {
	for i := range b.notes {
		d.log.Nack(b.notes[i].seq, delay)
	}
}
