package activitylogexporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/queue"
	"github.com/otelactivity/activitylog/internal/seglog"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// openQueue opens the queue of the component. Its errors contain the folder.
func (d *database) openQueue() (*queue.Queue, error) {
	c := d.cfg.Queue
	q, err := queue.Open(queue.Config{
		Dir: string(c.Directory), MaxBytes: int64(c.MaxBytes), Consumers: int(c.Consumers),
		MinRows: int(c.MinRows), MaxRows: int(c.MaxRows), MaxBatchBytes: maxBatchBytes,
		FlushTimeout: time.Duration(c.FlushTimeout), FullTimeout: time.Duration(c.FullTimeout), CacheBytes: int64(c.CacheBytes),
		Keep: time.Duration(c.Keep),
	}, &d.converter, d.store, queueObserver{d})
	if owned := new(seglog.OwnedError); errors.As(err, &owned) {
		return nil, fmt.Errorf("open queue: %w; each exporter of each collector needs a folder of its own", owned)
	}
	if err != nil {
		return nil, fmt.Errorf("open queue in %s: %w", c.Directory, err)
	}
	d.warnOfOldFiles()
	d.logger.Info("The queue is open.", d.place()...)
	return q, nil
}

// moved writes again what is kept: the database is another server than before.
func (d *database) moved(from, to string) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	q, err := d.opened(ctx)
	if err != nil {
		return // nothing is kept yet
	}
	d.logger.Warn("Rows are written to another server than before. It may lack the last of them, so all activities that are kept are written again; those that are there are skipped.",
		zap.String("from", from), zap.String("to", to), zap.Int("activities", q.Replay()), zap.Duration("keep", time.Duration(d.cfg.Queue.Keep)))
}

// place returns where activities go, for the log: never the user or the password of the
// database.
func (d *database) place() []zap.Field {
	fields := []zap.Field{zap.String("driver", d.cfg.driver())}
	if placer, ok := d.cfg.dialect().(dialect.Placer); ok {
		addresses, database := placer.Place(string(d.cfg.DSN))
		if len(addresses) > 0 {
			fields = append(fields, zap.Strings("addresses", addresses))
		}
		fields = append(fields, zap.String("database", database))
	}
	return append(fields, zap.String("table", string(d.cfg.Table)), zap.String("queue", string(d.cfg.Queue.Directory)))
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
