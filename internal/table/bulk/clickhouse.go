package bulk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// clickhouse moves rows in native blocks, with github.com/ClickHouse/clickhouse-go.
type clickhouse struct{ dialect.BlockInserter }

// Load implements [Loader] by the driver's own statement: database/sql would allocate
// three times the size of each row.
func (c clickhouse) Load(ctx context.Context, conn *sql.Conn, _ *sql.Tx, table string, rows []row.Row) (err error) {
	// The error is not returned by the function: for driver.ErrBadConn, Raw closes
	// the connection and waits for the end of the transaction that we are in.
	raw := conn.Raw(func(ch any) error {
		err = c.appendAll(ctx, ch.(driver.ConnPrepareContext), table, rows)
		return nil
	})
	return errors.Join(err, raw)
}

func (c clickhouse) appendAll(ctx context.Context, conn driver.ConnPrepareContext, table string, rows []row.Row) error {
	statement, err := conn.PrepareContext(ctx, c.InsertBlock(table))
	if err != nil {
		return fmt.Errorf("prepare insert: %w", err)
	}
	defer func() { _ = statement.Close() }()
	var args []any
	values := make([]driver.Value, 2+row.Columns)
	for i := range rows {
		args = c.Args(args[:0], &rows[i])
		for j, arg := range args {
			values[j] = arg
		}
		//nolint:staticcheck // ExecContext of the driver copies the values once more, and ignores the context
		if _, err := statement.Exec(values); err != nil {
			return fmt.Errorf("append row: %w", err)
		}
	}
	return nil
}
