package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/otelactivity/activitylog/internal/table/row"
)

// postgresDryRun is the name of the prepared statement of DryRun.
const postgresDryRun = "activitylog_dry_run"

// DryRun implements [DryRunner]. All statements are sent in one pipeline: each row is
// inserted and rolled back, whether it was accepted or not.
func (p postgres) DryRun(ctx context.Context, conn *sql.Conn, table string, rows []row.Row) (verdicts []error, err error) {
	_, back, _ := p.Savepoint()
	err = conn.Raw(func(driver any) error {
		pipeline := driver.(*stdlib.Conn).Conn().PgConn().StartPipeline(ctx)
		pipeline.SendPrepare(postgresDryRun, p.Insert(table), nil)
		pipeline.SendPipelineSync()
		for i := range rows {
			pipeline.SendQueryPrepared(postgresDryRun, postgresTexts(&rows[i]), nil, nil)
			pipeline.SendPipelineSync() // after an error, the server skips to here
			pipeline.SendQueryParams(back, nil, nil, nil, nil)
			pipeline.SendPipelineSync()
		}
		pipeline.SendDeallocate(postgresDryRun)
		pipeline.SendPipelineSync()
		verdicts, err = dryRunResults(pipeline, len(rows))
		return errors.Join(err, pipeline.Close())
	})
	return verdicts, err
}

// dryRunResults reads the result of each row. The requests are numbered by their
// syncs: the first prepares the statement, then two for each row insert it and roll
// back.
func dryRunResults(pipeline *pgconn.Pipeline, rows int) (verdicts []error, err error) {
	if err := pipeline.Flush(); err != nil {
		return nil, err
	}
	verdicts = make([]error, rows)
	for sync := 0; sync < 2*rows+2; {
		result, err := pipeline.GetResults()
		if reader, ok := result.(*pgconn.ResultReader); ok {
			_, err = reader.Close()
		}
		if _, ok := result.(*pgconn.PipelineSync); ok {
			sync++
			continue
		}
		if err == nil {
			continue
		}
		refused := (*pgconn.PgError)(nil)
		if !errors.As(err, &refused) || sync%2 == 0 { // not an insert
			return nil, fmt.Errorf("try rows one by one: %w", err)
		}
		verdicts[sync/2] = err
	}
	return verdicts, nil
}

// postgresTexts returns the arguments of an insert in the text format.
func postgresTexts(r *row.Row) [][]byte {
	texts := make([][]byte, 0, 2+row.Columns)
	texts = append(texts, r.ID.Append(nil), r.ID.Time().AppendFormat(nil, "2006-01-02 15:04:05.000000Z"))
	for _, text := range r.Text {
		if text == "" {
			texts = append(texts, nil)
			continue
		}
		texts = append(texts, []byte(text))
	}
	return texts
}
