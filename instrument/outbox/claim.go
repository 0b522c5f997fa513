package outbox

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// row is one of the table.
type row struct {
	seq      int64
	id       string
	attempts int
	text     string
	record   sdklog.Record
}

// executor is a transaction, or on SQLite the pool.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// sendBatch claims rows, sends them, and deletes those that were acknowledged. It returns
// how many rows it has finished with: sent, or put off. If the process ends before the
// rows are deleted, they are sent again.
func (r *Relay) sendBatch(ctx context.Context) (finished int, err error) {
	if r.box.dialect == SQLite {
		return r.sendClaimed(ctx, r.db)
	}
	// The end of ctx must not undo the deletion of what was acknowledged.
	tx, err := r.db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return 0, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	finished, err = r.sendClaimed(ctx, tx)
	if finished == 0 {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("commit: %w", err)
	}
	return finished, err
}

func (r *Relay) sendClaimed(ctx context.Context, on executor) (finished int, err error) {
	rows, err := r.claim(ctx, on)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	good, failed := r.decodeAll(rows)
	sent, refused, err := r.deliver(ctx, good)
	failed = append(failed, refused...)
	if err == nil || len(sent) > 0 {
		r.failures = 0
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), databaseTime)
	defer cancel()
	if len(sent) > 0 {
		if _, err := on.ExecContext(cleanup, r.box.dialect.remove(&r.box.text, seqs(sent))); err != nil {
			return 0, fmt.Errorf("delete %d rows of %s that were sent: %w", len(sent), r.box.table, err)
		}
	}
	for _, f := range failed {
		if err := r.putOff(cleanup, on, f); err != nil {
			return 0, err
		}
	}
	r.metrics.sent(len(sent))
	finished = len(sent) + len(failed)
	if left := without(rows, sent, failed); r.box.dialect == SQLite && len(left) > 0 {
		if _, err := on.ExecContext(cleanup, r.box.text.release(seqs(left))); err != nil {
			return finished, fmt.Errorf("release %d rows of %s: %w", len(left), r.box.table, err)
		}
	}
	return finished, err
}

// claim returns the rows that this relay may send, in their order.
func (r *Relay) claim(ctx context.Context, on executor) (rows []row, err error) {
	ctx, cancel := context.WithTimeout(ctx, databaseTime)
	defer cancel()
	hold := int((r.timeout + claimMargin + time.Second - 1) / time.Second)
	result, err := on.QueryContext(ctx, r.box.dialect.claim(&r.box.text, r.order, r.batch, hold))
	if err != nil {
		return nil, fmt.Errorf("claim rows of %s: %w", r.box.table, hintAtSchema(err))
	}
	defer func() { _ = result.Close() }()
	for result.Next() {
		var one row
		if err := result.Scan(&one.seq, &one.id, &one.attempts, &one.text); err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", r.box.table, err)
		}
		rows = append(rows, one)
	}
	if err := result.Err(); err != nil {
		return nil, fmt.Errorf("claim rows of %s: %w", r.box.table, hintAtSchema(err))
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.seq, b.seq) }) // SQLite returns them in any order
	return rows, nil
}

// decodeAll splits rows into those that have a record and those that cannot be decoded.
func (r *Relay) decodeAll(rows []row) (good []row, failed []failure) {
	for _, one := range rows {
		var err error
		if one.record, err = r.maker.record(one.text); err != nil {
			failed = append(failed, failure{one, unreadable, err})
			continue
		}
		good = append(good, one)
	}
	return good, failed
}

// putOff keeps a row that failed for a later attempt.
func (r *Relay) putOff(ctx context.Context, on executor, f failure) error {
	delay := min(firstDelay<<min(f.attempts, 10), longestDelay)
	reason := strings.ToValidUTF8(strings.ReplaceAll(f.err.Error(), "\x00", ""), "")
	reason = strings.ToValidUTF8(reason[:min(len(reason), longestReason)], "")
	if _, err := on.ExecContext(ctx, r.box.text.fail, reason, delay.Seconds(), f.seq); err != nil {
		return fmt.Errorf("put off a row of %s: %w", r.box.table, err)
	}
	r.metrics.failed(f.reason)
	r.logger.Error("outbox: an activity cannot be sent and stays in the table", "table", r.box.table, "seq", f.seq,
		"event_id", f.id, "reason", f.reason, "attempts", f.attempts+1, "next", delay, "error", f.err)
	return nil
}

func seqs(rows []row) []int64 {
	all := make([]int64, len(rows))
	for i := range rows {
		all[i] = rows[i].seq
	}
	return all
}

// without returns the rows that were neither sent nor failed.
func without(rows, sent []row, failed []failure) (left []row) {
	done := make(map[int64]bool, len(sent)+len(failed))
	for i := range sent {
		done[sent[i].seq] = true
	}
	for i := range failed {
		done[failed[i].seq] = true
	}
	for i := range rows {
		if !done[rows[i].seq] {
			left = append(left, rows[i])
		}
	}
	return left
}
