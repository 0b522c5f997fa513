package activitylogexporter

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
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

	// Keep is how long activities stay in the queue after they are in the database. If
	// the database fails over to a server that lacks the last of them, they are written
	// again. Only for PostgreSQL, MySQL and MariaDB. They use at most a quarter of MaxBytes.
	// Default: 0, not at all.
	Keep confcheck.Duration `mapstructure:"keep"`

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
		MinRows:      5_000, // more is not faster, and each consumer has a batch in memory
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
