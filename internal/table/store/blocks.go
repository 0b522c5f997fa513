package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/otelactivity/activitylog/internal/table/bulk"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// manyConns is the most connections if the configuration has no limit.
const manyConns = 1000

// flushBytes is from how many bytes on the columns of a block are sent, while the next
// ones are encoded. The driver's default is 10 MiB, more than most blocks have.
const flushBytes = 1 << 20

// blocks writes blocks of columns by connections of its own, which are not those of
// database/sql. There are as many as in the pool of database/sql at most.
type blocks struct {
	*bulk.Blocks
	pool  driver.Conn
	slots chan struct{} // has an element for each connection in use
}

// openBlocks returns nil for a database that takes no blocks. It does not connect.
func openBlocks(cfg Config, dsn string) (*blocks, error) {
	sender := bulk.BlocksOf(cfg.Dialect, cfg.Table)
	if sender == nil {
		return nil, nil
	}
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	limits(options, cfg)
	dialer{perHost: options.DialTimeout, dsn: cfg.DSN}.into(options)
	pool, err := clickhouse.Open(options)
	if err != nil {
		return nil, err
	}
	return &blocks{Blocks: sender, pool: pool, slots: make(chan struct{}, options.MaxOpenConns)}, nil
}

// limits sets the limits of the pool.
func limits(options *clickhouse.Options, cfg Config) {
	options.MaxOpenConns, options.MaxIdleConns = manyConns, max(1, cfg.MaxIdleConns)
	if cfg.MaxOpenConns > 0 {
		options.MaxOpenConns = cfg.MaxOpenConns
	}
	if cfg.ConnMaxLifetime > 0 {
		options.ConnMaxLifetime = cfg.ConnMaxLifetime
	}
	options.ConnMaxLifetime = max(0, options.ConnMaxLifetime) // 0: the driver's own, an hour
	if options.DialTimeout <= 0 {
		options.DialTimeout = 30 * time.Second // the driver's own
	}
	if options.MaxCompressionBuffer <= 0 {
		options.MaxCompressionBuffer = flushBytes
	}
}

// send writes all rows as one block.
func (b *blocks) send(ctx context.Context, rows []row.Row) error {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", context.Cause(ctx))
	}
	err := b.Send(ctx, b.pool, rows)
	if err == nil || errors.Is(err, context.Cause(ctx)) {
		return err
	}
	if ctx.Err() != nil || endsWith(ctx, err) {
		return fmt.Errorf("%w: %w", cause(ctx), err)
	}
	return err
}

// endsWith reports whether err is the timeout of a connection whose deadline was that of
// ctx: it may be seen a moment before ctx ends.
func endsWith(ctx context.Context, err error) bool {
	deadline, ok := ctx.Deadline()
	return ok && errors.Is(err, os.ErrDeadlineExceeded) && time.Until(deadline) <= 0
}

// cause is why ctx has ended, or is about to.
func cause(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

// close closes the connections. What is being sent must have been canceled.
func (b *blocks) close() error {
	if b == nil {
		return nil
	}
	return b.pool.Close()
}
