package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// ErrWrongSchema is the error of [Store.Write] if the table rejects the store's own
// test row: then the table is wrong, not the rows of senders.
var ErrWrongSchema = errors.New("the table rejects the exporter's own test row, so one of its constraints, triggers or columns is wrong; " +
	"rows wait until it is fixed")

// errAccepted rolls back the transaction of a test row that was accepted.
var errAccepted = errors.New("the test row was accepted")

// rememberEvery is how often a row that was written is remembered as a test row.
const rememberEvery = 10 * time.Second

// remember keeps a copy of a row that was just written. It is the best test row:
// this table has accepted it.
func (s *Store) remember(rows []row.Row) {
	now := time.Now().UnixNano()
	last := s.remembered.Load()
	if len(rows) == 0 || now-last < int64(rememberEvery) || rows[0].Size() > 16<<10 || !s.remembered.CompareAndSwap(last, now) {
		return
	}
	accepted := rows[0]
	for i := range accepted.Text {
		accepted.Text[i] = strings.Clone(accepted.Text[i]) // the memory of its batch is reused
	}
	s.accepted.Store(&accepted)
}

// probe finds out whether the schema is wrong: it inserts a row that the table must
// accept, and rolls back. The rows of senders do not influence it, except for one
// that the table has accepted before.
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
	if accepted := s.accepted.Load(); accepted != nil {
		again := *accepted
		tests = append(tests, again)
	}
	var rejected error
	for i := range tests {
		err := s.dryRun(ctx, &tests[i])
		if err == nil {
			return nil
		}
		if !s.aboutRow(err) {
			return fmt.Errorf("test %s: %w", s.cfg.Table, err)
		}
		rejected = err
	}
	// A foreign key or a CHECK that the user added may reject made-up values. A row
	// of NULLs passes them, but would also pass a column that has become too narrow.
	least := leastRow()
	if err := s.dryRun(ctx, &least); err == nil {
		return s.checkColumns(ctx)
	}
	return fmt.Errorf("%w: %w", ErrWrongSchema, rejected)
}

// canDryRun reports whether an insert into the table can be rolled back.
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

// dryRun inserts a row and rolls back.
func (s *Store) dryRun(ctx context.Context, r *row.Row) error {
	r.ID = activity.NewID()
	err := s.within(ctx, func(_ *sql.Conn, tx *sql.Tx) error {
		if _, err := s.insertGroup(ctx, tx, []row.Row{*r}, nil); err != nil {
			return err
		}
		return errAccepted
	})
	if errors.Is(err, errAccepted) {
		return nil
	}
	return err
}

// aboutRow reports whether an error means that the database rejects a row.
func (s *Store) aboutRow(err error) bool {
	kind := s.cfg.Dialect.Classify(err).Kind
	return kind == dialect.Rejected || kind == dialect.Conflict
}

// leastRow returns a row with only the columns that must not be NULL. If a database
// keeps it in spite of the rollback, its remarks say what it is.
func leastRow() (r row.Row) {
	r.Text[row.ActionType] = string(activity.ActionUnknown)
	r.Text[row.Status] = string(activity.StatusSuccess)
	r.Text[row.Source] = string(activity.SourceDeclared)
	r.Text[row.Remarks] = "a test of the table by the exporter, which is rolled back"
	r.Text[row.Data] = "{}"
	return r
}

// fullRow returns a row with a short and ordinary value in each column.
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
