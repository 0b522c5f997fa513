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
	// unclearDelay is the backoff of a batch that may be the cause of its failure.
	// Others are sent meanwhile.
	unclearDelay = 10 * time.Second
)

// Reason is why activities were dropped.
type Reason string

// Reasons for dropping.
const (
	Full       Reason = "full"       // neither disk nor memory had space
	Refused    Reason = "refused"    // the collector rejected it permanently
	Shutdown   Reason = "shutdown"   // the process ended, and it was not on disk
	Unreadable Reason = "unreadable" // it was damaged on disk
)

// Drop is a loss that is reported to the function of [WithDropped].
type Drop struct {
	Reason  Reason
	Count   int
	Records []sdklog.Record // nil if they cannot be read
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

// WithDir keeps activities in files in this folder. Only one process can use it.
// By default they are kept in memory.
func WithDir(dir string) Option { return func(c *config) { c.dir = dir } }

// WithMaxBytes limits the activities that wait: bytes on disk, or an estimate of their
// bytes in memory. The defaults are [DefaultDiskBytes] and [DefaultMemoryBytes]. A new
// activity that does not fit is dropped: a request never waits for space. If the disk
// cannot be written, activities wait in memory instead, up to [DefaultMemoryBytes].
func WithMaxBytes(n int64) Option { return func(c *config) { c.maxBytes = n } }

// WithNext passes log records that are not activities to another processor. By default
// they are ignored.
func WithNext(p sdklog.Processor) Option { return func(c *config) { c.next = p } }

// WithMeterProvider sets where metrics go. The default is the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.meters = p } }

// WithLogger sets the logger for losses and errors. The default is [slog.Default].
func WithLogger(l *slog.Logger) Option { return func(c *config) { c.logger = l } }

// WithDropped sets a function that is called when activities are lost. The goroutine
// that drops them calls it, so it should be quick.
func WithDropped(f func(Drop)) Option { return func(c *config) { c.dropped = f } }

// WithBatch sets the most activities of one request, and how long an activity waits
// for others. The defaults are [DefaultBatchSize] and [DefaultBatchDelay].
func WithBatch(size int, delay time.Duration) Option {
	return func(c *config) { c.batchSize, c.batchDelay = size, delay }
}

// WithExportTimeout limits one call of the exporter, including its own retries.
// The default is [DefaultExportTimeout].
func WithExportTimeout(d time.Duration) Option { return func(c *config) { c.exportTimeout = d } }

// WithWriteTimeout limits how long emitting waits for the disk. After that, the
// activity also waits in memory. The default is [DefaultWriteTimeout].
func WithWriteTimeout(d time.Duration) Option { return func(c *config) { c.writeTimeout = d } }

// WithBackoff sets the shortest and longest backoff between retries. It doubles each
// time, and is shortened at random by up to a half. The defaults are 200 ms and 5 s.
func WithBackoff(first, longest time.Duration) Option {
	return func(c *config) { c.minBackoff, c.maxBackoff = first, longest }
}
