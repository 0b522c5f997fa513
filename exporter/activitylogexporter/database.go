package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
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
	observer, err := newTelemetry(set.TelemetrySettings)
	if err != nil {
		return nil, fmt.Errorf("create metrics: %w", err)
	}
	db := &database{
		cfg:       cfg,
		logger:    set.Logger,
		observer:  observer,
		converter: row.Converter{DataAttributes: cfg.DataAttributes},
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

// database is the table that the exporters of one component write to.
type database struct {
	cfg       *Config
	logger    *zap.Logger
	observer  *telemetry
	converter row.Converter
	forget    func()

	mu     sync.Mutex
	users  int // exporters that are started
	hosts  []component.Host
	failed bool // what the last status said
	store  *store.Store
	stop   context.CancelFunc
	done   chan struct{} // closed when run has returned
}

// start opens the store with the first exporter that starts. The database need
// not be there: it is tried until it comes, so that the schema and the health
// of the component are right before the first record.
func (d *database) start(_ context.Context, host component.Host) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.users > 0 {
		d.use(host)
		return nil
	}
	opened, err := store.Open(store.Config{
		Dialect:         d.cfg.dialect(),
		DSN:             string(d.cfg.DSN),
		Table:           d.cfg.Table,
		CreateSchema:    d.cfg.CreateSchema,
		Retention:       time.Duration(d.cfg.Retention),
		RetentionForce:  d.cfg.RetentionForce,
		Timeout:         d.cfg.Timeout,
		InsertOnly:      d.cfg.Bulk == bulkInsert,
		BlockOnRefused:  d.cfg.OnRefused == refusedBlock,
		MaxOpenConns:    d.cfg.MaxOpenConns,
		MaxIdleConns:    d.cfg.MaxIdleConns,
		ConnMaxLifetime: d.cfg.ConnMaxLifetime,
	}, d.observer)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	d.store, d.stop, d.done = opened, stop, make(chan struct{})
	d.use(host)
	go d.run(ctx, d.done)
	return nil
}

// use notes one more exporter that is started, with d.mu held.
func (d *database) use(host component.Host) {
	d.hosts = append(d.hosts, host)
	d.users++
}

// shutdown closes the store with the last exporter that stops; by then the
// queues are empty or on disk.
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
	<-d.done
	return d.store.Close()
}

// run prepares the database, again and again until it has worked, and then sees
// to its partitions and old rows.
func (d *database) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	wait := backoff.NewExponentialBackOff()
	wait.MaxInterval = 10 * time.Second
	for {
		try, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := d.store.Prepare(try)
		cancel()
		if ctx.Err() != nil {
			return
		}
		d.status(err)
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

func (d *database) pushTraces(ctx context.Context, td ptrace.Traces) error {
	return d.write(ctx, d.converter.Traces(td))
}

func (d *database) pushLogs(ctx context.Context, ld plog.Logs) error {
	return d.write(ctx, d.converter.Logs(ld))
}

// write returns only errors that are about the database, never a permanent one:
// the queue tries again until it works.
func (d *database) write(ctx context.Context, batch *row.Batch) error {
	defer d.converter.Release(batch)
	err := d.store.Write(ctx, batch.Rows)
	if err == nil {
		d.observer.namedUnknown(ctx, batch.Unnamed)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // we are being stopped: no word about the database
	}
	d.status(err)
	return err
}

// status reports the health of the component when it changes.
func (d *database) status(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == (err != nil) {
		return
	}
	d.failed = err != nil
	event := componentstatus.NewEvent(componentstatus.StatusOK)
	if err != nil {
		event = componentstatus.NewRecoverableErrorEvent(err)
	}
	for _, host := range d.hosts {
		componentstatus.ReportStatus(host, event)
	}
}
