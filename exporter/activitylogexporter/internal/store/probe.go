package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// ErrWrongSchema is the error of [Store.Write] when the table refuses the store's
// own test row: then it is the table that is wrong, and not what senders sent.
var ErrWrongSchema = errors.New("the table refuses the exporter's own test row, so a constraint, a trigger or a column of it is wrong; " +
	"rows wait until that is repaired")

// errTaken ends the transaction of a test row that was taken.
var errTaken = errors.New("the test row was taken")

// rememberEvery is how often a row that was taken is remembered for a test.
const rememberEvery = 10 * time.Second

// remember keeps one of the rows that the table has just taken. It is the best
// test row there is: this table took it as it is.
func (s *Store) remember(rows []row.Row) {
	now := time.Now().UnixNano()
	last := s.remembered.Load()
	if len(rows) == 0 || now-last < int64(rememberEvery) || rows[0].Size() > 16<<10 || !s.remembered.CompareAndSwap(last, now) {
		return
	}
	taken := rows[0]
	for i := range taken.Text {
		taken.Text[i] = strings.Clone(taken.Text[i]) // its batch is used again
	}
	s.taken.Store(&taken)
}

// probe finds out whether the schema is wrong. It writes a row that must be
// accepted, and takes it back. What senders send has no part in it, but for a row
// that the table took before.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	can, err := s.canDryRun(ctx)
	if err != nil {
		return fmt.Errorf("test %s: %w", s.cfg.Table, err)
	}
	if !can {
		return s.checkColumns(ctx)
	}
	tests := []row.Row{fullRow()}
	if taken := s.taken.Load(); taken != nil {
		again := *taken
		tests = append(tests, again)
	}
	var refused error
	for i := range tests {
		err := s.dryRun(ctx, &tests[i])
		if err == nil {
			return nil
		}
		if !s.aboutRow(err) {
			return fmt.Errorf("test %s: %w", s.cfg.Table, err)
		}
		refused = err
	}
	// A foreign key or a CHECK of the user's own may refuse made-up values. A row
	// without any passes those, and also a column that has become too narrow.
	least := leastRow()
	if err := s.dryRun(ctx, &least); err == nil {
		return s.checkColumns(ctx)
	}
	return fmt.Errorf("%w: %w", ErrWrongSchema, refused)
}

// canDryRun reports whether a row can be written and taken back.
func (s *Store) canDryRun(ctx context.Context) (can bool, err error) {
	dryRunner, ok := s.cfg.Dialect.(dialect.DryRunner)
	if !ok {
		return false, nil
	}
	query := dryRunner.CanDryRun(s.cfg.Table)
	if query == "" {
		return true, nil
	}
	err = s.on(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, query).Scan(&can) })
	return can, err
}

// try writes a row and takes it back.
func (s *Store) dryRun(ctx context.Context, r *row.Row) error {
	r.ID = activity.NewID()
	err := s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		if _, err := s.insertGroup(ctx, tx, []row.Row{*r}); err != nil {
			return err
		}
		return errTaken
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// aboutRow reports whether an error means that a row is refused.
func (s *Store) aboutRow(err error) bool {
	kind := s.cfg.Dialect.Classify(err).Kind
	return kind == dialect.Rejected || kind == dialect.Conflict
}

// leastRow has what must not be empty. Should a database keep it in spite of the
// rollback, it says what it is.
func leastRow() (r row.Row) {
	r.Text[row.ActionType] = string(activity.ActionUnknown)
	r.Text[row.Status] = string(activity.StatusSuccess)
	r.Text[row.Source] = string(activity.SourceDeclared)
	r.Text[row.Remarks] = "a test of the table by the exporter, which takes it back"
	r.Text[row.Data] = "{}"
	return r
}

// fullRow has a short and ordinary value in each column.
func fullRow() row.Row {
	r := leastRow()
	for column, text := range map[int]string{
		row.ActorID: "activitylog", row.ActorType: string(activity.ActorSystem), row.ActorName: "activitylog", row.ImpersonatorID: "activitylog",
		row.TenantID: "activitylog", row.ActionName: "activitylog.test", row.ErrorType: "none", row.ObjectType: "table",
		row.ObjectID: "activity_log", row.ObjectName: "activity_log", row.ClientAddress: "127.0.0.1", row.UserAgent: "otelcol-activitylog",
		row.SessionID: "activitylog", row.ServiceName: "otelcol-activitylog",
		row.TraceID: strings.Repeat("0", 31) + "1", row.SpanID: strings.Repeat("0", 15) + "1",
	} {
		r.Text[column] = text
	}
	return r
}
