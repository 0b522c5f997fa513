package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/queue"
	"github.com/otelactivity/activitylog/internal/shared"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// databases has one database for each component of the configuration. The
// Collector creates one exporter for each signal; all of a component share it.
type databases struct {
	shared.Map[*Config, *database]
}

// get returns a use of the database of a component's configuration.
func (d *databases) get(set exporter.Settings, cfg *Config) (use, error) {
	if err := confmap.Validate(cfg); err != nil { // a program other than the Collector may not have called it
		return use{}, fmt.Errorf("check the configuration: %w", err)
	}
	u, err := d.Get(cfg, func() (*database, error) {
		observer, err := newTelemetry(set.ID, set.TelemetrySettings)
		if err != nil {
			return nil, err
		}
		return &database{
			cfg:       cfg,
			logger:    set.Logger,
			observer:  observer,
			converter: convert.Converter{DataAttributes: cfg.DataAttributes},
			isOpen:    make(chan struct{}),
		}, nil
	})
	if err != nil {
		return use{}, err
	}
	return use{u, u.Value}, nil
}

// use is what an exporter has of its database.
type use struct {
	shared *shared.Use[*database]
	db     *database
}

// Start implements [component.Component]. The health of the database is reported
// to the host of each exporter.
func (u use) Start(ctx context.Context, host component.Host) error {
	u.db.health.add(host)
	return u.shared.Start(ctx)
}

// Shutdown implements [component.Component].
func (u use) Shutdown(ctx context.Context) error { return u.shared.Shutdown(ctx) }

// database is the table that the exporters of one component write to, and its
// queue.
type database struct {
	cfg       *Config
	logger    *zap.Logger
	observer  *telemetry
	converter convert.Converter
	health    health
	isOpen    chan struct{} // closed when queue is set

	store databaseStore
	queue *queue.Queue
	stop  context.CancelFunc
	done  sync.WaitGroup // goroutines that run until stop
}

// databaseStore is a [store.Store], or a [watchedFile] of one.
type databaseStore interface {
	queue.Writer
	Prepare(ctx context.Context) error
	Maintain(ctx context.Context) error
	Close() error
}

// Start implements [shared.Component]: it opens the queue and the store. It does
// not wait for the database: a goroutine connects until it succeeds, so that the
// schema and the health of the component are right before the first record.
func (d *database) Start(context.Context) error {
	cfg := d.cfg.store()
	if cfg.Recently > 0 {
		cfg.Moved = d.moved
	}
	opened, err := store.Open(cfg, d.observer)
	if err != nil {
		return err
	}
	d.store = opened
	if path := sqldsn.SQLitePath(string(d.cfg.DSN)); d.cfg.driver() == sqldsn.SQLite && path != "" {
		d.store = &watchedFile{Store: opened, path: path, notice: d.noticeFile}
	}
	if d.queue, err = d.openQueue(); err != nil {
		return errors.Join(err, opened.Close())
	}
	if err := d.observer.watchQueue(d.queue); err != nil {
		d.observer.Shutdown()
		return errors.Join(err, d.queue.Close(context.Background()), opened.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.done.Go(func() { d.run(ctx) })
	d.done.Go(func() { d.watch(ctx) })
	close(d.isOpen)
	return nil
}

func (c *Config) store() store.Config {
	return store.Config{
		Dialect:         c.dialect(),
		DSN:             string(c.DSN),
		Table:           string(c.Table),
		CreateSchema:    c.CreateSchema,
		Counts:          c.Counts,
		Retention:       time.Duration(c.Retention),
		RetentionForce:  c.RetentionForce,
		Timeout:         time.Duration(c.Timeout),
		InsertOnly:      c.Bulk == bulkInsert,
		BlockOnRefused:  c.OnRefused == refusedBlock,
		MaxOpenConns:    int(c.MaxOpenConns),
		MaxIdleConns:    int(c.MaxIdleConns),
		ConnMaxLifetime: time.Duration(c.ConnMaxLifetime),
		Recently:        time.Duration(c.Queue.Keep),
	}
}

// opened waits until the queue is open: a receiver may start before its exporter.
func (d *database) opened(ctx context.Context) (*queue.Queue, error) {
	select {
	case <-d.isOpen:
		return d.queue, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the exporter to start: %w", ctx.Err())
	}
}

// Shutdown implements [shared.Component]: it closes the queue and the store. It
// takes at most ShutdownTimeout and a few seconds, even if the database does not
// answer. Requests that are not written by then stay on disk.
func (d *database) Shutdown(context.Context) error {
	d.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(d.cfg.ShutdownTimeout))
	defer cancel()
	d.observer.Shutdown()
	errs := []error{d.queue.Close(ctx)}
	return errors.Join(append(errs, within(closeTime, func() error {
		d.done.Wait()
		return d.store.Close()
	}))...)
}

// closeTime is how long shutdown waits for connections to be closed.
const closeTime = time.Second

// within returns the error of do, or nil if that takes longer than limit.
func within(limit time.Duration, do func() error) error {
	result := make(chan error, 1)
	go func() { result <- do() }()
	select {
	case err := <-result:
		return err
	case <-time.After(limit):
		return nil
	}
}

// run prepares the database until that has succeeded, then maintains partitions and
// old rows.
func (d *database) run(ctx context.Context) {
	wait := backoff.NewExponentialBackOff()
	wait.MaxInterval = time.Second
	var said saying
	for {
		try, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := d.store.Prepare(try)
		cancel()
		if ctx.Err() != nil {
			return
		}
		d.health.set(troubleDatabase, err)
		if err == nil {
			break
		}
		if said.isNews(err, time.Now()) {
			d.logger.Warn("The database is not ready; records wait in the queue until it is.", zap.Error(err))
		}
		if !sleep(ctx, wait.NextBackOff()) {
			return
		}
	}
	d.maintain(ctx)
}

// sayAgain is how often an error that stays is logged.
const sayAgain = time.Minute

// saying is the error that was logged last.
type saying struct {
	text string
	at   time.Time
}

// isNews reports whether an error is to be logged: another one than before at once, the same
// one after [sayAgain].
func (s *saying) isNews(err error, now time.Time) bool {
	if text := err.Error(); text != s.text || now.Sub(s.at) >= sayAgain {
		*s = saying{text, now}
		return true
	}
	return false
}

// maintain creates partitions, removes old rows and makes late indexes every hour, and
// sooner after a failure. Records are written meanwhile.
func (d *database) maintain(ctx context.Context) {
	for {
		next := time.Hour
		if err := d.store.Maintain(ctx); err != nil && ctx.Err() == nil {
			d.logger.Warn("Partitions could not be created, old rows could not be removed, or late indexes could not be made. Indexes are tried again in an hour, the others in a minute.", zap.Error(err))
			next = time.Minute
		}
		if !sleep(ctx, next) {
			return
		}
	}
}

// sleep returns false if ctx ended it.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// watch checks the queue and the SQLite file until ctx ends.
func (d *database) watch(ctx context.Context) {
	begin, next := time.Now(), time.Now().Add(fileInterval)
	for sleep(ctx, checkInterval) {
		d.check(begin)
		if time.Now().After(next) {
			d.checkFile(ctx)
			next = time.Now().Add(fileInterval)
		}
	}
}

// checkFile reopens a SQLite file that was removed or replaced, even while no rows
// are written.
func (d *database) checkFile(ctx context.Context) {
	file, ok := d.store.(*watchedFile)
	if !ok {
		return
	}
	if file.check() != nil {
		_ = file.Ready(ctx) // calls noticeFile
	}
}

// noticeFile sets the health and logs when the SQLite file is gone, and clears the
// trouble when it is open again.
func (d *database) noticeFile(err error) {
	d.health.set(troubleFile, err)
	if err != nil {
		d.logger.Error("The SQLite file is not the one that was opened.", zap.String("file", sqldsn.SQLitePath(string(d.cfg.DSN))), zap.Error(err))
	}
}

func (d *database) check(begin time.Time) {
	st := d.queue.Stats()
	var disk error
	if st.LastError != nil {
		disk = fmt.Errorf("the queue in %s cannot be written: %w", d.cfg.Queue.Directory, st.LastError)
	}
	d.health.set(troubleDisk, disk)

	d.health.set(troubleStalled, stalled(st, begin))

	var retrying error
	if n, err := d.queue.Retrying(); n > 0 {
		retrying = fmt.Errorf("%d requests keep failing; others are written; the last error: %w", n, err)
	}
	d.health.set(troubleRetrying, retrying)
}
