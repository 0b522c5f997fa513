package operate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Outcome is what became of a dead letter, or of a row that is imported.
type Outcome string

// Outcomes. Only the first two of a dead letter delete it.
const (
	// Written means that the row is in the table now.
	Written Outcome = "written"
	// There means that the row was in the table already.
	There Outcome = "there already"
	// Conflicting means that the id is in the table with other content, which stays.
	Conflicting Outcome = "conflict"
	// Rejected means that the database rejected the row.
	Rejected Outcome = "rejected"
	// Unreadable means that the record, or the line, is not a row.
	Unreadable Outcome = "unreadable"
)

// Retried are how many dead letters had an outcome.
type Retried map[Outcome]int

// Retry writes the rows of dead letters, and deletes these letters in the same
// transaction, where the database has any. Conflicts stay. With dry, nothing is changed,
// and rows that would be tried count as written. report is called for each letter that
// stays.
func (t *Table) Retry(ctx context.Context, f Letters, dry bool, report func(Letter, Outcome, string)) (Retried, error) {
	counts := Retried{}
	if err := t.checkDeletes(ctx); err != nil {
		return counts, err
	}
	for part, err := range t.parts(ctx, f) {
		if err != nil {
			return counts, err
		}
		r := retry{t: t, dry: dry, counts: counts, report: report}
		if err := r.part(ctx, part); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

type retry struct {
	t      *Table
	dry    bool
	counts Retried
	report func(Letter, Outcome, string)
}

func (r *retry) stays(l Letter, outcome Outcome, why string) {
	r.counts[outcome]++
	r.report(l, outcome, why)
}

// part puts some letters back.
func (r *retry) part(ctx context.Context, letters []Letter) error {
	var tried []Letter
	var rows []row.Row
	for _, l := range letters {
		if l.Conflict() {
			r.stays(l, Conflicting, l.Reason)
			continue
		}
		parsed, err := l.Row()
		if err != nil {
			r.stays(l, Unreadable, "the record "+err.Error())
			continue
		}
		tried, rows = append(tried, l), append(rows, parsed)
	}
	return r.write(ctx, tried, rows)
}

// errLater rolls back a transaction in which a row was there already.
var errLater = errors.New("a row was written by somebody else meanwhile")

// write writes the rows of letters, those that are not there.
func (r *retry) write(ctx context.Context, letters []Letter, rows []row.Row) error {
	for range 5 {
		fresh, freshRows, err := r.sort(ctx, letters, rows)
		if err != nil || len(fresh) == 0 || r.dry {
			r.counts[Written] += len(fresh)
			return err
		}
		err = r.t.insert(ctx, freshRows, fresh)
		switch kind := r.t.dialect.Classify(err).Kind; {
		case err == nil:
			r.counts[Written] += len(fresh)
			return nil
		case errors.Is(err, errLater) || kind == dialect.Contention:
			letters, rows = fresh, freshRows
		case kind != dialect.Rejected && kind != dialect.Conflict:
			return r.t.explain("write rows of dead letters to "+r.t.Name(), err)
		case len(fresh) == 1:
			r.stays(fresh[0], Rejected, err.Error())
			return nil
		default:
			return r.each(ctx, fresh, freshRows)
		}
	}
	return fmt.Errorf("write rows of dead letters to %s: other writers were in the way; try again", r.t.Name())
}

func (r *retry) each(ctx context.Context, letters []Letter, rows []row.Row) error {
	for i := range letters {
		if err := r.write(ctx, letters[i:i+1], rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// sort returns the letters whose rows are not in the table, and deals with the others.
func (r *retry) sort(ctx context.Context, letters []Letter, rows []row.Row) (fresh []Letter, freshRows []row.Row, err error) {
	if len(letters) == 0 {
		return nil, nil, nil
	}
	there, err := r.t.rows(ctx, idsOf(letters))
	if err != nil {
		return nil, nil, err
	}
	var present []Letter
	for i, l := range letters {
		switch in := there[l.ID]; {
		case in == nil:
			fresh, freshRows = append(fresh, l), append(freshRows, rows[i])
		case row.Same(in, &rows[i]):
			present = append(present, l)
		default:
			r.stays(l, Conflicting, "its id is in the table with other content")
		}
	}
	if len(present) > 0 && !r.dry {
		if err := r.t.dropLetters(ctx, present); err != nil {
			return nil, nil, err
		}
	}
	r.counts[There] += len(present)
	return fresh, freshRows, nil
}

// insert writes rows, and deletes dead letters, in one transaction. ClickHouse has none:
// there the letters are deleted after the rows were written, and if that fails, the next
// try finds the rows.
func (t *Table) insert(ctx context.Context, rows []row.Row, letters []Letter) error {
	_, uncounted := t.dialect.(dialect.Uncounted)
	err := t.store.Within(ctx, func(ctx context.Context, tx *sql.Tx) error {
		statement, err := tx.PrepareContext(ctx, t.dialect.Insert(t.Name()))
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		for i := range rows {
			result, err := statement.ExecContext(ctx, t.dialect.Args(nil, &rows[i])...)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err == nil && n == 0 && !uncounted {
				return errLater
			}
		}
		if uncounted || len(letters) == 0 {
			return nil
		}
		query, args := t.dialect.DropLetters(t.Name(), idsOf(letters))
		_, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil || !uncounted || len(letters) == 0 {
		return err
	}
	return t.dropLetters(ctx, letters)
}

// ends are the times of the oldest and the newest row, zero if there are none.
func (t *Table) ends(ctx context.Context) (oldest, newest time.Time, err error) {
	err = t.query(ctx, t.dialect.Ends(t.Name()), nil, 2, func(values []any) error {
		oldest, newest = timeOf(values[0]), timeOf(values[1])
		return nil
	})
	return oldest, newest, t.explain("read the oldest and newest row of "+t.Name(), err)
}
