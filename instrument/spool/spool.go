package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/receipt"
)

// Spool is a log processor that keeps activities until they are sent.
type Spool struct {
	cfg      config
	exporter sdklog.Exporter
	memory   memory
	disk     *disk // nil in memory mode
	metrics  *metrics

	emitted  atomic.Int64 // activities that were emitted, or found on disk by New
	finished atomic.Int64 // activities of these that were sent or dropped
	stopped  atomic.Bool

	wake     chan struct{} // a batch is full, or ForceFlush was called
	stopping chan struct{} // closed by Shutdown: send what is left, and end
	done     chan struct{} // closed when the sender has ended
	abandon  context.CancelFunc
	exports  context.Context // ends when Shutdown has no more time

	progress struct {
		sync.Mutex
		changed chan struct{} // closed when finished grows
	}
	dropLog dropLog
}

var _ sdklog.Processor = (*Spool)(nil)

// New returns a Spool that sends by exporter, which nothing else may use. In disk mode,
// the error may be that another process owns the folder; it names that process.
func New(exporter sdklog.Exporter, opts ...Option) (*Spool, error) {
	cfg := newConfig(opts)
	s := &Spool{
		cfg: cfg, exporter: exporter,
		memory: memory{max: cfg.maxBytes, chunk: cfg.batchSize},
		wake:   make(chan struct{}, 1), stopping: make(chan struct{}), done: make(chan struct{}),
		dropLog: dropLog{logger: cfg.logger},
	}
	s.exports, s.abandon = context.WithCancel(context.Background())
	var err error
	if cfg.dir != "" {
		s.memory.max = DefaultMemoryBytes
		if s.disk, err = openDisk(&cfg); err != nil {
			return nil, fmt.Errorf("open activity spool in %s: %w", cfg.dir, err)
		}
		found := s.disk.log.Stats()
		s.emitted.Add(int64(found.Records + found.LostRecords))
	}
	if s.metrics, err = newMetrics(s, cfg.meters); err != nil {
		otel.Handle(fmt.Errorf("create metrics of the activity spool: %w", err))
	}
	go s.send()
	return s, nil
}

func newConfig(opts []Option) config {
	c := config{
		batchSize: DefaultBatchSize, batchDelay: DefaultBatchDelay,
		exportTimeout: DefaultExportTimeout, writeTimeout: DefaultWriteTimeout,
		minBackoff: minBackoff, maxBackoff: maxBackoff, unclearDelay: unclearDelay,
	}
	for _, o := range opts {
		o(&c)
	}
	if c.maxBytes <= 0 && c.dir != "" {
		c.maxBytes = DefaultDiskBytes
	} else if c.maxBytes <= 0 {
		c.maxBytes = DefaultMemoryBytes
	}
	if c.batchSize <= 0 {
		c.batchSize = DefaultBatchSize
	}
	if c.batchDelay <= 0 {
		c.batchDelay = DefaultBatchDelay
	}
	if c.exportTimeout <= 0 {
		c.exportTimeout = DefaultExportTimeout
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if c.meters == nil {
		c.meters = otel.GetMeterProvider()
	}
	return c
}

// Enabled implements [sdklog.Processor].
func (s *Spool) Enabled(ctx context.Context, p sdklog.EnabledParameters) bool {
	return s.cfg.next == nil || p.EventName == activity.EventName || s.cfg.next.Enabled(ctx, p)
}

// OnEmit puts an activity into the spool, and passes other records to the next
// processor. In disk mode it returns when the activity is on disk.
func (s *Spool) OnEmit(ctx context.Context, r *sdklog.Record) error {
	ours := isActivity(r)
	if !ours && s.cfg.next == nil {
		return nil
	}
	bytes, valid := measure(r)
	if !valid {
		repaired := r.Clone()
		repair(&repaired)
		r = &repaired
	}
	if !ours {
		return s.cfg.next.OnEmit(ctx, r)
	}
	if s.stopped.Load() {
		s.drop(Drop{Reason: Shutdown, Count: 1, Records: []sdklog.Record{r.Clone()}})
		return nil
	}
	s.emitted.Add(1)
	if err := s.keep(r, bytes, receipt.From(ctx)); err == nil {
		s.trigger()
	} else {
		s.finish(1)
		s.drop(Drop{Reason: Full, Count: 1, Records: []sdklog.Record{r.Clone()}, Err: err})
	}
	return nil
}

var errFull = errors.New("the memory for activities is full")

var errNoDir = errors.New("the spool is in memory; set ACTIVITYLOG_SPOOL_DIR, or use spool.WithDir")

// keep puts a record on disk, or into memory if the disk cannot be written. asked gets whether
// it is on disk.
func (s *Spool) keep(r *sdklog.Record, bytes int64, asked *receipt.Receipt) error {
	var err error
	if s.disk == nil {
		asked.Failed(errNoDir)
	} else if err = s.disk.put(r); err == nil {
		asked.Stored()
		return nil
	} else {
		asked.Failed(err)
	}
	if !s.memory.put(r.Clone(), note{bytes: bytes, at: time.Now()}) {
		return errors.Join(err, errFull)
	}
	return nil
}

// isActivity reports whether a record is an activity.
func isActivity(r *sdklog.Record) bool {
	if r.EventName() == activity.EventName {
		return true
	}
	found := false
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		found = string(kv.Key) == activity.ActionTypeKey
		return !found
	})
	return found
}

// trigger wakes the sender when a batch is full.
func (s *Spool) trigger() {
	if s.emitted.Load()-s.finished.Load() >= int64(s.cfg.batchSize) {
		s.wakeUp()
	}
}

func (s *Spool) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// ForceFlush waits until all activities that were emitted before are sent or dropped,
// or ctx ends.
func (s *Spool) ForceFlush(ctx context.Context) error {
	if s.stopped.Load() {
		return nil
	}
	var err error
	if s.cfg.next != nil {
		err = s.cfg.next.ForceFlush(ctx)
	}
	return errors.Join(err, s.flush(ctx, s.emitted.Load()))
}

func (s *Spool) flush(ctx context.Context, until int64) error {
	for {
		s.progress.Lock()
		if s.progress.changed == nil {
			s.progress.changed = make(chan struct{})
		}
		changed := s.progress.changed
		s.progress.Unlock()
		left := until - s.finished.Load()
		if left <= 0 {
			return nil
		}
		s.wakeUp()
		select {
		case <-changed:
		case <-s.done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("flush activity spool, %d activities not sent yet: %w", left, ctx.Err())
		}
	}
}

// endTime is how long the exporter may take to shut down after the context of Shutdown
// has ended.
const endTime = time.Second

// Shutdown sends the remaining activities until ctx ends, and shuts down the next
// processor and the exporter. Activities that are still in memory are dropped, which is
// an error. Those on disk stay there for the next start.
func (s *Spool) Shutdown(ctx context.Context) error {
	if s.stopped.Swap(true) {
		return nil
	}
	var nextErr error
	nextDone := make(chan struct{})
	go func() {
		defer close(nextDone)
		if s.cfg.next != nil {
			nextErr = s.cfg.next.Shutdown(ctx)
		}
	}()
	close(s.stopping)
	select {
	case <-s.done:
	case <-ctx.Done():
		s.abandon()
		select { // an exporter may ignore its context
		case <-s.done:
		case <-time.After(endTime):
		}
	}
	s.abandon()
	<-nextDone
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime) // even if ctx has ended
	defer cancel()
	err := errors.Join(s.left(), nextErr, s.exporter.Shutdown(ending), s.metrics.unregister())
	if s.disk != nil {
		err = errors.Join(err, s.disk.close())
	}
	s.dropLog.close()
	return err
}

// left drops the activities that are still in memory, and logs how many are on disk.
func (s *Spool) left() error {
	if s.disk != nil {
		if n := s.disk.log.Stats().Records; n > 0 {
			s.cfg.logger.Info("activity spool: activities stay on disk for the next start", "count", n, "folder", s.cfg.dir)
		}
	}
	count, _, _ := s.memory.stats()
	if count == 0 {
		return nil
	}
	var records []sdklog.Record
	for b := s.memory.take(count); b.len() > 0; b = s.memory.take(count) {
		records = append(records, b.records...)
	}
	s.finished.Add(int64(count))
	s.drop(Drop{Reason: Shutdown, Count: count, Records: records})
	return fmt.Errorf("shut down activity spool: %d activities were not sent in time, and are lost", count)
}

// jitter shortens d by up to a half.
func jitter(d time.Duration) time.Duration {
	return d - rand.N(d/2+1) //nolint:gosec // no secret
}
