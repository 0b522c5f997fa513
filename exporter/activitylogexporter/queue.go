package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/queue"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/seglog"
)

// QueueConfig is where activities wait for the database, and how they are
// written. docs/adr/0017 says why it is not that of exporterhelper.
type QueueConfig struct {
	// Directory is the folder of the queue. It is made if it is not there. One
	// exporter of one collector owns it. Default: "storage".
	Directory Directory `mapstructure:"directory"`

	// MaxBytes bounds the files of the queue. When it is full, senders wait and
	// are then told to send again. Default: 2 GiB.
	MaxBytes QueueBytes `mapstructure:"max_bytes"`

	// FullTimeout is how long a sender waits while the queue is full. Default: 5 s.
	FullTimeout confcheck.Duration `mapstructure:"full_timeout"`

	// Consumers is how many batches are written at the same time. Default: 4.
	Consumers confcheck.PositiveCount `mapstructure:"consumers"`

	// FlushTimeout is how long a batch waits until it has MinRows. Default: 200 ms.
	FlushTimeout confcheck.Duration `mapstructure:"flush_timeout"`

	// MinRows is the size from which a batch does not wait for more. Default: 5,000.
	MinRows confcheck.Count `mapstructure:"min_rows"`

	// MaxRows bounds a batch that is made of several requests. Default: 10,000.
	MaxRows confcheck.PositiveCount `mapstructure:"max_rows"`

	// CacheBytes bounds the rows that are kept in memory as well as on disk until
	// they are written, so that they need not be read again. Default: 16 MiB.
	CacheBytes CacheBytes `mapstructure:"cache_bytes"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// maxBatchBytes bounds a batch that is made of several requests, as OTLP.
const maxBatchBytes = 32 << 20

func defaultQueue() QueueConfig {
	return QueueConfig{
		Directory:    "storage",
		MaxBytes:     2 << 30,
		FullTimeout:  confcheck.Duration(5 * time.Second),
		Consumers:    4,
		FlushTimeout: confcheck.Duration(200 * time.Millisecond),
		MinRows:      5_000, // more is no faster, and each consumer has a batch in memory
		MaxRows:      10_000,
		CacheBytes:   16 << 20,
	}
}

// Directory is the path of a folder.
type Directory string

// Validate implements [confmap.Validator].
func (d Directory) Validate() error {
	if strings.TrimSpace(string(d)) == "" {
		return errors.New("must be a folder; for a queue that need not outlive the machine, a folder in a tmpfs")
	}
	return nil
}

// QueueBytes is a size of at least 1 MiB.
type QueueBytes int64

// Validate implements [confmap.Validator].
func (b QueueBytes) Validate() error { return confcheck.AtLeast(b, 1<<20) }

// CacheBytes is a size that may be 0.
type CacheBytes int64

// Validate implements [confmap.Validator].
func (b CacheBytes) Validate() error { return confcheck.AtLeast(b, 0) }

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *QueueConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on two fields; the
// types of the fields check the rest.
func (c *QueueConfig) Validate() error {
	var err error
	if c.MaxRows > 0 && int(c.MaxRows) < int(c.MinRows) {
		err = fmt.Errorf("max_rows must be at least min_rows, %d; got %d", c.MinRows, c.MaxRows)
	}
	return confcheck.Line(c.problems.Err(), err)
}

// openQueue opens the queue of the component. Its errors contain the folder.
func (d *database) openQueue() (*queue.Queue, error) {
	c := d.cfg.Queue
	q, err := queue.Open(queue.Config{
		Dir: string(c.Directory), MaxBytes: int64(c.MaxBytes), Consumers: int(c.Consumers),
		MinRows: int(c.MinRows), MaxRows: int(c.MaxRows), MaxBatchBytes: maxBatchBytes,
		FlushTimeout: time.Duration(c.FlushTimeout), FullTimeout: time.Duration(c.FullTimeout), CacheBytes: int64(c.CacheBytes),
	}, &d.converter, d.store, queueObserver{d})
	if owned := new(seglog.OwnedError); errors.As(err, &owned) {
		return nil, fmt.Errorf("queue::directory: %w; every exporter of every collector needs a folder of its own", owned)
	}
	if err != nil {
		return nil, fmt.Errorf("open the queue (queue::directory: %s): %w", c.Directory, err)
	}
	d.warnOfOldFiles()
	d.logger.Info("The queue is open.", zap.String("directory", string(c.Directory)),
		zap.String("driver", d.cfg.driver()), zap.String("table", string(d.cfg.Table)))
	return q, nil
}

// warnOfOldFiles logs queue files of earlier versions, which used the extension
// file_storage. They are not read any more.
func (d *database) warnOfOldFiles() {
	files, _ := filepath.Glob(filepath.Join(string(d.cfg.Queue.Directory), "exporter_activitylog_*"))
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
