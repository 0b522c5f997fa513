package queue

import (
	"context"
	"time"

	"github.com/otelactivity/activitylog/internal/seglog"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Config is where a queue is and how batches are made and written.
type Config struct {
	Dir      string // the folder; only one process can use it
	MaxBytes int64  // total size of its files

	Consumers     int           // batches that are written at the same time
	MinRows       int           // a batch waits FlushTimeout for so many rows
	MaxRows       int           // limit of a batch of several requests
	MaxBatchBytes int           // limit of a batch of several requests, not compressed
	FlushTimeout  time.Duration // how long a batch waits for MinRows
	FullTimeout   time.Duration // how long a request waits for space
	CacheBytes    int64         // of rows that are kept in memory until they are written
	MaxBackoff    time.Duration // between tries of a request that fails alone; default 1 min

	// Keep is how long requests stay on disk after they are in the database, for
	// [Queue.Replay]; 0: not at all. They use at most a quarter of MaxBytes.
	Keep time.Duration
}

// Writer is the database.
type Writer interface {
	// Write makes sure that rows are in the database. It may reorder the slice and
	// truncate values in it. After an error it is called again with all rows of the
	// batch.
	Write(ctx context.Context, rows []row.Row) error
	// Ready returns an error if the database accepts no rows at all.
	Ready(ctx context.Context) error
}

// Observer is called when something happens, for metrics and logs. Its methods are
// called by many goroutines and must not call the queue.
type Observer interface {
	// Queued reports records that are on disk.
	Queued(signal Signal, records int)
	// Rejected reports records that were not accepted. Their sender was asked to
	// retry, except with ReasonTooLarge.
	Rejected(signal Signal, records int, reason string)
	// Stored reports rows that are in the database, without those of [Queue.Replay] that
	// were reported before, and how many of them came without an action type.
	Stored(rows, unnamed int)
	// Failed reports a batch that could not be written and will be retried.
	Failed(rows int, err error)
	// SetAside reports a request that cannot be read. It was moved to a file, or is
	// lost if file is "".
	SetAside(file string, err error)
	// Event reports an event of the log on disk.
	Event(e seglog.Event)
	// Database reports whether the database accepts rows (nil), each time that this
	// may have changed.
	Database(err error)
}

// Reasons of [Observer.Rejected].
const (
	ReasonFull     = "full"
	ReasonTooLarge = "too_large"
	ReasonDisk     = "disk"
	ReasonStopped  = "stopped"
)
