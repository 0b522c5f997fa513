package seglog

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// Defaults and limits of [Options].
const (
	DefaultMaxBytes = 256 << 20
	maxSegmentBytes = 16 << 20
	minSegmentBytes = 4 << 10
	minMaxBytes     = 4 << 10
	// maxSegments limits how many files are open.
	maxSegments          = 128
	defaultCheckInterval = 10 * time.Second
)

// Options configures a [Log]. The zero Options are the defaults.
type Options struct {
	// MaxBytes limits the bytes of all segment files. The default is
	// [DefaultMaxBytes]. Segment headers, .ack files and damaged/ are extra; damaged/
	// has the same limit, and at most 1,000 files.
	MaxBytes int64
	// SegmentBytes is the size at which a new segment file begins. A larger
	// record gets a file for itself. The default is a sixteenth of MaxBytes, at
	// most 16 MiB; at least 1/128 of MaxBytes, since each segment is an open file.
	SegmentBytes int64
	// CheckInterval is how often the log checks that its files are still
	// there. The default is 10 s; negative: only when records are written.
	CheckInterval time.Duration
	// RecordName is what events call a record in the plural: "requests". The
	// default is "records".
	RecordName string
	// OnEvent is called for each event, by the goroutine that detected it, one call at
	// a time. It must not call methods of the Log.
	OnEvent func(Event)

	openFile func(name string, flag int, perm os.FileMode) (file, error)
}

// file has the methods of [os.File] that the log uses.
type file interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	Sync() error
	Truncate(size int64) error
	Stat() (os.FileInfo, error)
	Close() error
}

func openFile(name string, flag int, perm os.FileMode) (file, error) {
	f, err := os.OpenFile(name, flag, perm) //nolint:gosec // the name is the log's own
	if err != nil {
		return nil, err // f would be an interface that holds a nil *os.File
	}
	return f, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxBytes < minMaxBytes {
		return o, fmt.Errorf("max bytes must be at least %d; got %d", minMaxBytes, o.MaxBytes)
	}
	if o.SegmentBytes < 0 {
		return o, fmt.Errorf("segment bytes must not be negative; got %d", o.SegmentBytes)
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = min(o.MaxBytes/16, maxSegmentBytes)
	}
	o.SegmentBytes = max(o.SegmentBytes, o.MaxBytes/maxSegments, minSegmentBytes)
	if o.CheckInterval == 0 {
		o.CheckInterval = defaultCheckInterval
	}
	if o.RecordName == "" {
		o.RecordName = "records"
	}
	if o.openFile == nil {
		o.openFile = openFile
	}
	return o, nil
}

// Errors of [Log] methods.
var (
	// ErrFull means that the record does not fit until others are acknowledged; see
	// [Log.Wait].
	ErrFull = errors.New("the log is full")
	// ErrTooLarge means that the record can never fit.
	ErrTooLarge = errors.New("the record is larger than the log")
	// ErrClosed means that the log is closed.
	ErrClosed = errors.New("the log is closed")
)

// OwnedError means that another process owns the folder.
type OwnedError struct {
	Dir   string
	Owner string // what the owner wrote about itself, such as "pid 17 on host web1 since ..."
}

func (e *OwnedError) Error() string {
	return fmt.Sprintf("folder %s is in use by another process (%s)", e.Dir, e.Owner)
}
