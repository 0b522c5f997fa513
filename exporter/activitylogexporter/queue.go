package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/queue"
	"github.com/otelactivity/activitylog/internal/seglog"
)

// QueueConfig is where activities wait for the database, and how they are
// written. docs/adr/0017 says why it is not that of exporterhelper.
type QueueConfig struct {
	// Directory is the folder of the queue. It is made if it is not there. One
	// exporter of one collector owns it. Default: "storage".
	Directory string `mapstructure:"directory"`

	// MaxBytes bounds the files of the queue. When it is full, senders wait and
	// are then told to send again. Default: 2 GiB.
	MaxBytes int64 `mapstructure:"max_bytes"`

	// FullTimeout is how long a sender waits while the queue is full. Default: 5 s.
	FullTimeout time.Duration `mapstructure:"full_timeout"`

	// Consumers is how many batches are written at the same time. Default: 4.
	Consumers int `mapstructure:"consumers"`

	// FlushTimeout is how long a batch waits until it has MinRows. Default: 200 ms.
	FlushTimeout time.Duration `mapstructure:"flush_timeout"`

	// MinRows is the size from which a batch does not wait for more. Default: 5,000.
	MinRows int `mapstructure:"min_rows"`

	// MaxRows bounds a batch that is made of several requests. Default: 10,000.
	MaxRows int `mapstructure:"max_rows"`

	// CacheBytes bounds the rows that are kept in memory as well as on disk until
	// they are written, so that they need not be read again. Default: 16 MiB.
	CacheBytes int64 `mapstructure:"cache_bytes"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// maxBatchBytes bounds a batch that is made of several requests, as OTLP.
const maxBatchBytes = 32 << 20

func defaultQueue() QueueConfig {
	return QueueConfig{
		Directory:    "storage",
		MaxBytes:     2 << 30,
		FullTimeout:  5 * time.Second,
		Consumers:    4,
		FlushTimeout: 200 * time.Millisecond,
		MinRows:      5_000, // more is no faster, and each consumer has a batch in memory
		MaxRows:      10_000,
		CacheBytes:   16 << 20,
	}
}

const minQueueBytes = 1 << 20

// Validate reports everything that is wrong, each with its key below queue.
func (c *QueueConfig) Validate() error {
	var errs []error
	if strings.TrimSpace(c.Directory) == "" {
		errs = append(errs, errors.New("directory: must name a folder; for a queue that need not outlive the machine, one in a tmpfs"))
	}
	if c.MaxBytes < minQueueBytes {
		errs = append(errs, fmt.Errorf("max_bytes: must be at least %d (1 MiB); got %d", minQueueBytes, c.MaxBytes))
	}
	for _, least := range []struct {
		key   string
		value int64
		least int64
	}{
		{"consumers", int64(c.Consumers), 1}, {"min_rows", int64(c.MinRows), 0},
		{"max_rows", int64(c.MaxRows), int64(max(c.MinRows, 1))}, {"cache_bytes", c.CacheBytes, 0},
	} {
		if least.value < least.least {
			errs = append(errs, fmt.Errorf("%s: must be at least %d; got %d", least.key, least.least, least.value))
		}
	}
	for _, wait := range []struct {
		key   string
		value time.Duration
	}{{"full_timeout", c.FullTimeout}, {"flush_timeout", c.FlushTimeout}} {
		if wait.value < 0 {
			errs = append(errs, fmt.Errorf("%s: must not be negative; got %v", wait.key, wait.value))
		}
	}
	return errors.Join(errs...)
}

// openQueue opens the queue of the component. Its errors contain the folder.
func (d *database) openQueue() (*queue.Queue, error) {
	c := d.cfg.Queue
	q, err := queue.Open(queue.Config{
		Dir: c.Directory, MaxBytes: c.MaxBytes, Consumers: c.Consumers, MinRows: c.MinRows, MaxRows: c.MaxRows,
		MaxBatchBytes: maxBatchBytes, FlushTimeout: c.FlushTimeout, FullTimeout: c.FullTimeout, CacheBytes: c.CacheBytes,
	}, &d.converter, d.store, queueObserver{d})
	if owned := new(seglog.OwnedError); errors.As(err, &owned) {
		return nil, fmt.Errorf("queue::directory: %w; every exporter of every collector needs a folder of its own", owned)
	}
	if err != nil {
		return nil, fmt.Errorf("open the queue (queue::directory: %s): %w", c.Directory, err)
	}
	d.warnOfOldFiles()
	d.logger.Info("The queue is open.", zap.String("directory", c.Directory),
		zap.String("driver", d.cfg.driver()), zap.String("table", d.cfg.Table))
	return q, nil
}

// warnOfOldFiles logs queue files of earlier versions, which used the extension
// file_storage. They are not read any more.
func (d *database) warnOfOldFiles() {
	files, _ := filepath.Glob(filepath.Join(d.cfg.Queue.Directory, "exporter_activitylog_*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			d.logger.Warn("This file is a queue of an earlier version and is not read. Activities may be in it: "+
				"start the earlier version with it until its queue is empty, then delete it.",
				zap.String("file", file), zap.Int64("bytes", info.Size()))
		}
	}
}

// queueObserver turns what the queue does into metrics, log lines and health.
type queueObserver struct{ d *database }

func (o queueObserver) Queued(signal queue.Signal, records int) {
	o.d.observer.queued(signal.String(), records)
}

func (o queueObserver) Rejected(signal queue.Signal, records int, reason string) {
	o.d.observer.rejected(signal.String(), records, reason)
}

func (o queueObserver) Stored(rows, unnamed int) {
	o.d.observer.add(o.d.observer.ExporterActivitylogQueueStored, int64(rows))
	o.d.observer.unnamed(context.Background(), unnamed)
}

func (o queueObserver) Failed(rows int, err error) {
	o.d.observer.add(o.d.observer.ExporterActivitylogQueueRetried, int64(rows))
	o.d.logger.Warn("A batch could not be written. It stays on disk and will be retried.", zap.Int("rows", rows), zap.Error(err))
}

func (o queueObserver) SetAside(file string, err error) {
	o.d.observer.add(o.d.observer.ExporterActivitylogQueueSetAside, 1)
	if file == "" {
		o.d.logger.Error("A request of the queue cannot be read, and could not be saved in a file. It is lost.", zap.Error(err))
		return
	}
	o.d.logger.Error("A request of the queue cannot be read. It was moved to a file.", zap.String("file", file), zap.Error(err))
}

func (o queueObserver) Event(e seglog.Event) {
	o.d.observer.event(e)
	switch e.Kind {
	case seglog.KindDamaged, seglog.KindMissing, seglog.KindWriteFailed:
		o.d.logger.Error("Queue: " + e.String())
	case seglog.KindTorn, seglog.KindWriteWorks:
		o.d.logger.Info("Queue: " + e.String())
	default:
		o.d.logger.Warn("Queue: " + e.String())
	}
}

func (o queueObserver) Database(err error) { o.d.health.set(troubleDatabase, err) }
