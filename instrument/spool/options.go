package spool

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// Defaults of the options.
const (
	DefaultMemoryBytes   = 64 << 20
	DefaultDiskBytes     = 256 << 20
	DefaultBatchSize     = 512
	DefaultBatchDelay    = time.Second
	DefaultExportTimeout = 10 * time.Second
	DefaultWriteTimeout  = 5 * time.Second

	minBackoff = 200 * time.Millisecond
	maxBackoff = 5 * time.Second
	// unclearDelay is when a batch is tried again that failed for a reason that
	// may be its own. Others are sent meanwhile.
	unclearDelay = 10 * time.Second
)

// Reason says why activities were dropped.
type Reason string

// Reasons for dropping.
const (
	Full       Reason = "full"       // neither disk nor memory had space
	Refused    Reason = "refused"    // the collector refused it for good
	Shutdown   Reason = "shutdown"   // the process ended, and it was not on disk
	Unreadable Reason = "unreadable" // bytes on disk were damaged
)

// Drop is what [WithDropped] is told.
type Drop struct {
	Reason  Reason
	Count   int
	Records []sdklog.Record // nil when they are not readable
	Err     error           // of the collector or the disk; may be nil
}

type config struct {
	dir           string
	maxBytes      int64
	next          sdklog.Processor
	meters        metric.MeterProvider
	logger        *slog.Logger
	dropped       func(Drop)
	batchSize     int
	batchDelay    time.Duration
	exportTimeout time.Duration
	writeTimeout  time.Duration
	minBackoff    time.Duration
	maxBackoff    time.Duration
	unclearDelay  time.Duration
}

// Option configures [New].
type Option func(*config)

// WithDir keeps activities in files in this folder. One process owns it.
// Without it they are kept in memory.
func WithDir(dir string) Option { return func(c *config) { c.dir = dir } }

// WithMaxBytes bounds the activities that wait: bytes on disk, or an estimate
// of their bytes in memory. The defaults are [DefaultDiskBytes] and
// [DefaultMemoryBytes]. What does not fit is dropped, newest first: a request
// never waits for space. When the disk takes nothing, activities wait in
// memory instead, in [DefaultMemoryBytes] at most.
func WithMaxBytes(n int64) Option { return func(c *config) { c.maxBytes = n } }

// WithNext hands log records that are not activities to another processor.
// Without it they are ignored.
func WithNext(p sdklog.Processor) Option { return func(c *config) { c.next = p } }

// WithMeterProvider sets where metrics go. The default is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.meters = p } }

// WithLogger sets where the spool says what a person should know. The default
// is [slog.Default].
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// WithDropped sets a function that is told of activities that are lost. It is
// called by the goroutine that drops them, and should be quick.
func WithDropped(f func(Drop)) Option { return func(c *config) { c.dropped = f } }

// WithBatch sets how many activities go in one request, and how long one waits
// for others. The defaults are [DefaultBatchSize] and [DefaultBatchDelay].
func WithBatch(size int, delay time.Duration) Option {
	return func(c *config) { c.batchSize, c.batchDelay = size, delay }
}

// WithExportTimeout bounds one call of the exporter, with all its own retries.
// The default is [DefaultExportTimeout].
func WithExportTimeout(d time.Duration) Option { return func(c *config) { c.exportTimeout = d } }

// WithWriteTimeout bounds how long emitting waits for the disk. After it the
// activity also waits in memory. The default is [DefaultWriteTimeout].
func WithWriteTimeout(d time.Duration) Option { return func(c *config) { c.writeTimeout = d } }

// WithBackoff bounds the pauses between tries. Each is twice as long as the one
// before, with up to a half of it taken off at random. The defaults are 200 ms
// and 5 s.
func WithBackoff(first, longest time.Duration) Option {
	return func(c *config) { c.minBackoff, c.maxBackoff = first, longest }
}
