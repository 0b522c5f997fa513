package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// Defaults of the relay's options.
const (
	DefaultBatch    = 256
	DefaultInterval = time.Second
	DefaultTimeout  = 10 * time.Second

	firstPause    = time.Millisecond // after Record, until the row is looked for; doubles
	firstBackoff  = 200 * time.Millisecond
	longBackoff   = 5 * time.Second
	databaseTime  = time.Minute // for a statement
	firstDelay    = time.Minute // until a row that failed is tried again; doubles
	longestDelay  = time.Hour
	logEvery      = time.Minute
	claimMargin   = 5 * time.Second
	longestReason = 1000 // bytes of an error in the table
)

// Relay sends the activities of an [Outbox], and deletes those that were acknowledged.
type Relay struct {
	box      *Outbox
	db       *sql.DB
	exporter sdklog.Exporter

	order    bool
	batch    int
	interval time.Duration
	timeout  time.Duration
	wait     func(context.Context) error
	logger   *slog.Logger
	meters   metric.MeterProvider

	metrics  *metrics
	maker    *maker
	failures int       // attempts since the last batch that was sent
	logged   time.Time // when the last of them was logged
}

// RelayOption configures [NewRelay].
type RelayOption func(*Relay)

// WithOrder makes one relay send at a time, in the order in which Record was called.
// Activities of one object then leave in the order in which they happened, if the
// transactions that change it wait for each other, as a lock on its row makes them. On
// MySQL, a relay then also waits for transactions that have recorded and not ended.
func WithOrder() RelayOption { return func(r *Relay) { r.order = true } }

// WithBatch sets how many activities are sent at once at most. The default is
// [DefaultBatch].
func WithBatch(n int) RelayOption { return func(r *Relay) { r.batch = n } }

// WithInterval sets how often the relay looks at the table if nothing wakes it. The
// default is [DefaultInterval]. Other processes do not wake it, unless [WithWait] is set.
func WithInterval(d time.Duration) RelayOption { return func(r *Relay) { r.interval = d } }

// WithTimeout limits one call of the exporter. The default is [DefaultTimeout]. On
// SQLite, rows that a killed relay has claimed are sent again after this time and five
// seconds.
func WithTimeout(d time.Duration) RelayOption { return func(r *Relay) { r.timeout = d } }

// WithWait sets a function that returns when the table may have new rows. With pgx, on a
// connection that has executed LISTEN for the channel of [WithNotify]:
//
//	outbox.WithWait(func(ctx context.Context) error {
//		_, err := conn.WaitForNotification(ctx)
//		return err
//	})
//
// It is called again and again, by one goroutine. After an error the relay looks at the
// table once per interval.
func WithWait(f func(context.Context) error) RelayOption { return func(r *Relay) { r.wait = f } }

// WithLogger sets the logger for errors. The default is [slog.Default].
func WithLogger(l *slog.Logger) RelayOption { return func(r *Relay) { r.logger = l } }

// WithMeterProvider sets where metrics go. The default is the global provider.
func WithMeterProvider(p metric.MeterProvider) RelayOption { return func(r *Relay) { r.meters = p } }

// NewRelay returns a Relay that sends by exporter, which nothing else may use and which
// it does not shut down. It reads the table by db, a pool of connections of its own or of
// the service. For a pool of pgx, use stdlib.OpenDBFromPool.
func NewRelay(box *Outbox, db *sql.DB, exporter sdklog.Exporter, opts ...RelayOption) *Relay {
	r := &Relay{box: box, db: db, exporter: exporter, batch: DefaultBatch, interval: DefaultInterval, timeout: DefaultTimeout}
	for _, o := range opts {
		o(r)
	}
	if r.batch <= 0 {
		r.batch = DefaultBatch
	}
	if r.interval <= 0 {
		r.interval = DefaultInterval
	}
	if r.timeout <= 0 {
		r.timeout = DefaultTimeout
	}
	if r.logger == nil {
		r.logger = slog.Default()
	}
	if r.meters == nil {
		r.meters = otel.GetMeterProvider()
	}
	r.maker = newMaker(box.resource)
	return r
}

// Run sends until ctx ends. It retries without end while the database or the collector
// is unreachable. Call Run or Flush of one Relay from one goroutine at a time.
func (r *Relay) Run(ctx context.Context) {
	r.metrics = newMetrics(r)
	defer r.metrics.unregister()
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		r.waitForRows(ctx)
	}()
	defer func() { <-waited }()
	pause := r.interval
	for {
		n, err := r.sendBatch(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.note(err)
			pause = r.backoff()
		case n == r.batch:
			continue
		case n > 0:
			pause = firstPause // other transactions may be about to commit
		default:
			pause = min(2*pause, r.interval)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.awake(err):
			pause = firstPause
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// awake returns the channel that ends a pause. Nothing ends a backoff.
func (r *Relay) awake(err error) <-chan struct{} {
	if err != nil {
		return nil
	}
	return r.box.recorded
}

// waitForRows calls the function of WithWait until ctx ends.
func (r *Relay) waitForRows(ctx context.Context) {
	for r.wait != nil && ctx.Err() == nil {
		if err := r.wait(ctx); err != nil && ctx.Err() == nil {
			r.logger.Warn("outbox: waiting for a notification failed", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(r.interval):
			}
		}
		r.box.Wake()
	}
}

// Flush sends what is in the table now, and returns when nothing is due any more.
func (r *Relay) Flush(ctx context.Context) error {
	for {
		n, err := r.sendBatch(ctx)
		if err != nil {
			return fmt.Errorf("flush outbox: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// backoff returns the pause after an error: 200 ms, doubled each time up to 5 s, and
// shortened at random by up to a half.
func (r *Relay) backoff() time.Duration {
	d := min(firstBackoff<<min(r.failures, 10), longBackoff)
	return d - rand.N(d/2+1) //nolint:gosec // no secret
}

// note counts an attempt that failed, and logs it once a minute.
func (r *Relay) note(err error) {
	r.failures++
	if time.Since(r.logged) < logEvery {
		return
	}
	r.logged = time.Now()
	r.logger.Warn("outbox: activities wait, sending them failed", "attempt", r.failures, "error", err)
}

// errPanic is what the exporter panicked with.
var errPanic = errors.New("the exporter panicked")

// export calls the exporter, with a timeout.
func (r *Relay) export(ctx context.Context, rows []row) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	records := make([]sdklog.Record, len(rows))
	for i := range rows {
		records[i] = rows[i].record.Clone() // the exporter may change it, and we may send it again
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.exporter.Export(ctx, records)
}
