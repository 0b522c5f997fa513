package queue

import (
	"context"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/internal/seglog"
)

// Config says where a queue is and how it is emptied.
type Config struct {
	Dir      string // the folder, which one process owns
	MaxBytes int64  // of its files

	Consumers     int           // batches that are written at the same time
	MinRows       int           // a batch waits FlushTimeout for so many rows
	MaxRows       int           // in a batch, if it is more than one request
	MaxBatchBytes int           // in a batch, not compressed, likewise
	FlushTimeout  time.Duration // how long a batch waits for MinRows
	FullTimeout   time.Duration // how long a request waits for space
	CacheBytes    int64         // of rows that are kept in memory until they are written
	RetryMost     time.Duration // between tries of a request that fails alone; default 1 min
}

// Writer is the database.
type Writer interface {
	// Write makes sure that rows are in the database. It may sort and cut the
	// slice. After an error it is called again with all rows of the batch.
	Write(ctx context.Context, rows []row.Row) error
	// Ready returns an error when the database would take nothing at all.
	Ready(ctx context.Context) error
}

// Observer is told what happens. Its methods are called by many goroutines and
// must not call the queue.
type Observer interface {
	// Queued: so many records are on disk.
	Queued(signal Signal, records int)
	// Rejected: the sender of so many records was told to send them again, or,
	// with ReasonTooLarge, that they never fit.
	Rejected(signal Signal, records int, reason string)
	// Stored: the database has so many rows, and the queue is done with them. Of
	// these, unnamed came without an action type.
	Stored(rows, unnamed int)
	// Failed: a batch could not be written and is tried again.
	Failed(rows int, err error)
	// SetAside: a request that cannot be read was moved to a file, or is lost if
	// file is "".
	SetAside(file string, err error)
	// Event is what the log on disk has to say.
	Event(e seglog.Event)
	// Database reports whether the database takes rows, when that may have changed.
	Database(err error)
}

// Reasons of [Observer.Rejected].
const (
	ReasonFull     = "full"
	ReasonTooLarge = "too_large"
	ReasonDisk     = "disk"
	ReasonStopped  = "stopped"
)
