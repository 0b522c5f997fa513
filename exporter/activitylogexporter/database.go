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

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/queue"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// sharedDatabases has one database for each component of the configuration: the
// exporters that the Collector makes of it, one a signal, write through one.
type sharedDatabases struct {
	mu  sync.Mutex
	all map[*Config]*database
}

// get returns the database of a component's configuration.
func (s *sharedDatabases) get(set exporter.Settings, cfg *Config) (*database, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if db, ok := s.all[cfg]; ok {
		return db, nil
	}
	observer, err := newTelemetry(set.ID, set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	db := &database{
		cfg:       cfg,
		logger:    set.Logger,
		observer:  observer,
		converter: row.Converter{DataAttributes: cfg.DataAttributes},
		isOpen:    make(chan struct{}),
		forget: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.all, cfg)
		},
	}
	if s.all == nil {
		s.all = make(map[*Config]*database)
	}
	s.all[cfg] = db
	return db, nil
}

// database is the table that the exporters of one component write to, and the
// queue before it.
type database struct {
	cfg       *Config
	logger    *zap.Logger
	observer  *telemetry
	converter row.Converter
	forget    func()
	health    health
	isOpen    chan struct{} // closed when queue is set

	mu    sync.Mutex
	users int // exporters that are started
	store databaseStore
	queue *queue.Queue
	stop  context.CancelFunc
	done  sync.WaitGroup // what runs until stop
}

// databaseStore is a [store.Store], or a [watchedFile] of one.
type databaseStore interface {
	queue.Writer
	Prepare(ctx context.Context) error
	Maintain(ctx context.Context) error
	Close() error
}

// start opens queue and store with the first exporter that starts. The database
// need not be there: it is tried until it comes, so that the schema and the
// health of the component are right before the first record.
func (d *database) start(_ context.Context, host component.Host) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.health.add(host)
	if d.users > 0 {
		d.users++
		return nil
	}
	if err := confmap.Validate(d.cfg); err != nil { // a program that is not the Collector may leave that out
		return fmt.Errorf("check the configuration: %w", err)
	}
	opened, err := store.Open(d.cfg.store(), d.observer)
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
	d.users++
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
		Table:           c.Table,
		CreateSchema:    c.CreateSchema,
		Retention:       time.Duration(c.Retention),
		RetentionForce:  c.RetentionForce,
		Timeout:         c.Timeout,
		InsertOnly:      c.Bulk == bulkInsert,
		BlockOnRefused:  c.OnRefused == refusedBlock,
		MaxOpenConns:    c.MaxOpenConns,
		MaxIdleConns:    c.MaxIdleConns,
		ConnMaxLifetime: c.ConnMaxLifetime,
	}
}

// opened returns the queue. A receiver may be there before its exporter.
func (d *database) opened(ctx context.Context) (*queue.Queue, error) {
	select {
	case <-d.isOpen:
		return d.queue, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the exporter to start: %w", ctx.Err())
	}
}

// shutdown closes queue and store with the last exporter that stops. It takes
// ShutdownTimeout at most and a moment, whatever the database does; what is not
// written by then stays on disk.
func (d *database) shutdown(context.Context) error {
	d.mu.Lock()
	if d.users == 0 { // never started, or in vain
		d.mu.Unlock()
		d.forget()
		return nil
	}
	d.users--
	last := d.users == 0
	d.mu.Unlock()
	if !last {
		return nil
	}
	d.forget()
	d.stop()
	ctx, cancel := context.WithTimeout(context.Background(), d.cfg.ShutdownTimeout)
	defer cancel()
	d.observer.Shutdown()
	errs := []error{d.queue.Close(ctx)}
	return errors.Join(append(errs, within(closeTime, func() error {
		d.done.Wait()
		return d.store.Close()
	}))...)
}

// closeTime is for connections to a database that may not answer.
const closeTime = time.Second

// within returns what do returns, or nil when that takes too long.
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

// run prepares the database, again and again until it has worked, and then sees
// to its partitions and old rows.
func (d *database) run(ctx context.Context) {
	wait := backoff.NewExponentialBackOff()
	wait.MaxInterval = time.Second
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
		d.logger.Warn("The database is not ready; records wait in the queue until it is.", zap.Error(err))
		if !sleep(ctx, wait.NextBackOff()) {
			return
		}
	}
	d.maintain(ctx)
}

// maintain sees to partitions and old rows each hour, and earlier when that has
// failed. Records are written meanwhile.
func (d *database) maintain(ctx context.Context) {
	for {
		next := time.Hour
		if err := d.store.Maintain(ctx); err != nil && ctx.Err() == nil {
			d.logger.Warn("Partitions or old rows could not be seen to; that is tried again in a minute.", zap.Error(err))
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
