package bulk

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Blocks writes rows to one table of ClickHouse in blocks of columns, by the native
// interface of github.com/ClickHouse/clickhouse-go. By database/sql, that driver takes
// rows alone, and allocates for each value. A Blocks is used by many goroutines.
type Blocks struct {
	insert   string
	dialect  dialect.BlockInserter
	released sync.Pool // of *columns

	// types are the columns of the last block, so that the driver need not ask for
	// them before each one. By the native protocol the server sends them anyway.
	types atomic.Pointer[[]clickhouse.ColumnNameAndType]
}

// BlocksOf returns what writes blocks to a table, or nil for a dialect that has none.
func BlocksOf(d dialect.Dialect, table string) *Blocks {
	if d, ok := d.(dialect.BlockInserter); ok {
		return &Blocks{insert: d.InsertBlock(table), dialect: d}
	}
	return nil
}

// Send writes all rows as one block, or returns an error. It is unknown whether rows were
// written if ctx ends, or the connection breaks, while the block is sent. Send does not
// keep rows.
func (b *Blocks) Send(ctx context.Context, conn driver.Conn, rows []row.Row) error {
	types, err := b.send(ctx, conn, rows)
	if err != nil {
		b.types.Store(nil) // the table may have changed
		return err
	}
	if b.types.Load() == nil {
		b.types.Store(&types)
	}
	return nil
}

func (b *Blocks) send(ctx context.Context, conn driver.Conn, rows []row.Row) ([]clickhouse.ColumnNameAndType, error) {
	if types := b.types.Load(); types != nil {
		ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(*types))
	}
	batch, err := conn.PrepareBatch(ctx, b.insert)
	if err != nil {
		return nil, fmt.Errorf("prepare block: %w", err)
	}
	defer func() { _ = batch.Close() }() // does nothing after Send
	c, ok := b.released.Get().(*columns)
	if !ok {
		c = &columns{}
	}
	if err := c.fill(batch, rows, b.dialect.LastTime()); err != nil {
		return nil, err
	}
	if err := batch.Send(); err != nil {
		return nil, fmt.Errorf("send block: %w", err) // the driver may still be reading c, so it is not used again
	}
	types := c.types()
	if c.size <= largest {
		b.released.Put(c)
	}
	return types, nil
}

// largest is how many bytes a block may have whose memory is kept for the next.
const largest = 16 << 20
