package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// ErrNoCounts is the error of a database that keeps no counts.
var ErrNoCounts = errors.New("this kind of database keeps no counts")

// BuildCounts counts all rows, and turns the counts on. Others may write meanwhile: what
// they add after the moment at which the rows are counted, the triggers or the writers
// count. It returns the number of rows that were counted. If it fails, or is killed, the
// counts are not used, and it can be called again.
func (s *Store) BuildCounts(ctx context.Context) (rows int64, err error) {
	counter, ok := s.cfg.Dialect.(dialect.Counter)
	if !ok {
		return 0, ErrNoCounts
	}
	ctx, cancel := s.bounded(ctx, buildTimeout)
	defer cancel()
	db := sql.OpenDB(s.connector)
	defer func() { _ = db.Close() }()
	b := &countsBuild{Store: s, counter: counter, plan: counter.BuildCounts(s.cfg.Table), build: uuid.NewString()}
	for i := range b.conns {
		if b.conns[i], err = db.Conn(ctx); err != nil {
			return 0, fmt.Errorf("connect to database: %w", s.withoutDSN(err))
		}
		defer func() { _ = b.conns[i].Close() }() // with it, what is left of its transaction ends
	}
	if err := b.run(ctx); err != nil {
		return 0, s.adviseCounts(err)
	}
	return b.rows, nil
}

// buildTimeout is how long it may take to count all rows.
const buildTimeout = 2 * time.Hour

// countsBuild is one count of all rows: see [dialect.CountBuild].
type countsBuild struct {
	*Store
	counter dialect.Counter
	plan    dialect.CountBuild
	build   string
	conns   [2]*sql.Conn // the one that locks and writes, the one that counts
	rows    int64
}

func (b *countsBuild) run(ctx context.Context) error {
	locks, counts := b.conns[0], b.conns[1]
	defer func() { // if something has failed; otherwise these do nothing, or fail
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementTimeout)
		defer cancel()
		for _, conn := range b.conns {
			_, _ = conn.ExecContext(ctx, b.plan.Back)
		}
	}()
	if err := execOn(ctx, locks, b.plan.Lock...); err != nil {
		return err
	}
	if err := execOn(ctx, locks, b.begin()...); err != nil {
		return err
	}
	if len(b.plan.Snapshot) == 0 {
		if err := b.countWithin(ctx, locks); err != nil {
			return err
		}
		return execOn(ctx, locks, b.plan.Unlock)
	}
	if err := execOn(ctx, counts, b.plan.Snapshot...); err != nil {
		return err
	}
	if err := execOn(ctx, locks, b.plan.Unlock); err != nil {
		return err
	}
	return b.count(ctx, counts, locks)
}

// begin returns the statements that empty the counts and let the triggers count.
func (b *countsBuild) begin() []string {
	state := dialect.Quote(dialect.CountsStateTable(b.cfg.Table))
	statements := []string{
		"DELETE FROM " + state,
		"DELETE FROM " + dialect.Quote(dialect.CountsTable(b.cfg.Table)),
	}
	statements = append(statements, b.counter.CountTriggers(b.cfg.Table)...)
	return append(statements, "INSERT INTO "+state+" (id, state, build) VALUES (1, '"+dialect.CountsBuilding+"', '"+b.build+"')")
}

// countWithin adds the count of each key in the transaction that also locks the table, and
// makes the counts usable.
func (b *countsBuild) countWithin(ctx context.Context, conn *sql.Conn) error {
	counts := dialect.Quote(dialect.CountsTable(b.cfg.Table))
	if err := execOn(ctx, conn, "INSERT INTO "+counts+" (hour, "+strings.Join(dialect.CountedColumns(), ", ")+", n) "+b.counter.CountAll(b.cfg.Table)); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, "SELECT coalesce(sum(n), 0) FROM "+counts).Scan(&b.rows); err != nil {
		return err
	}
	return b.publish(ctx, conn)
}

// count reads the count of each key on one connection, and adds them on another one, where
// it makes the counts usable.
func (b *countsBuild) count(ctx context.Context, from, to *sql.Conn) error {
	result, err := from.QueryContext(ctx, b.counter.CountAll(b.cfg.Table))
	if err != nil {
		return err
	}
	defer func() { _ = result.Close() }()
	more := result.Next() // which takes as long as the database counts
	tx, err := to.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	// First, and in one transaction with the counts: if another build has begun meanwhile,
	// it must not get those of this one as well.
	if err := b.publish(ctx, tx); err != nil {
		return err
	}
	var part []dialect.Count
	for ; more; more = result.Next() {
		count, err := scanCount(result)
		if err != nil {
			return err
		}
		b.rows += count.N
		if part = append(part, count); len(part) == dialect.MaxCounts {
			if err := b.addCounts(ctx, tx, b.counter, part); err != nil {
				return err
			}
			part = part[:0]
		}
	}
	if err := result.Err(); err != nil {
		return err
	}
	if err := b.addCounts(ctx, tx, b.counter, part); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// publish makes the counts usable, unless something has happened that they do not have.
func (b *countsBuild) publish(ctx context.Context, on execer) error {
	n, err := affected(on.ExecContext(ctx, "UPDATE "+dialect.Quote(dialect.CountsStateTable(b.cfg.Table))+" SET state = '"+dialect.CountsUsable+
		"' WHERE id = 1 AND state = '"+dialect.CountsBuilding+"' AND build = '"+b.build+"'"))
	if err == nil && n != 1 {
		return errors.New("a partition was dropped, the table was emptied, or somebody else counted, at the same time; try again")
	}
	return err
}

// RemoveCounts turns the counts off, and empties them.
func (s *Store) RemoveCounts(ctx context.Context) error {
	counter, ok := s.cfg.Dialect.(dialect.Counter)
	if !ok {
		return ErrNoCounts
	}
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	statements := append([]string{"DELETE FROM " + dialect.Quote(dialect.CountsStateTable(s.cfg.Table))}, counter.DropCountTriggers(s.cfg.Table)...)
	return s.adviseCounts(s.run(ctx, append(statements, "DELETE FROM "+dialect.Quote(dialect.CountsTable(s.cfg.Table)))))
}

// adviseCounts adds what to do to an error of the triggers, if the database knows that.
func (s *Store) adviseCounts(err error) error {
	if adviser, ok := s.cfg.Dialect.(dialect.CountsAdviser); ok && err != nil {
		if todo := adviser.CountsAdvice(err); todo != "" {
			return fmt.Errorf("%w; %s", err, todo)
		}
	}
	return err
}

// Apart are the rows of a time, and what the counts say.
type Apart struct{ Rows, Counted int64 }

// CountsApart counts the rows from begin until before end, which are full hours, in one
// statement by both ways.
func (s *Store) CountsApart(ctx context.Context, counter dialect.Counter, begin, end time.Time) (apart Apart, err error) {
	args := []any{counter.CountHour(begin), counter.CountHour(end)}
	parameters := []any{"?", "?", "?", "?"}
	if counter.Goose() == "postgres" {
		parameters = []any{"$1", "$2", "$1", "$2"}
	} else {
		args = append(args, args...)
	}
	query := fmt.Sprintf("SELECT (SELECT count(*) FROM "+dialect.Quote(s.cfg.Table)+" WHERE action_time >= %s AND action_time < %s), "+
		"(SELECT coalesce("+counter.SumOf("n")+", 0) FROM "+dialect.Quote(dialect.CountsTable(s.cfg.Table))+" WHERE hour >= %s AND hour < %s)", parameters...)
	ctx, cancel := s.bounded(ctx, maintainTimeout)
	defer cancel()
	err = s.on(ctx, func(conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, query, args...).Scan(&apart.Rows, &apart.Counted)
	})
	return apart, err
}

// scanCount reads the hour, the columns and the count of a key. Drivers have the hour as a
// time or as text.
func scanCount(result *sql.Rows) (count dialect.Count, err error) {
	var hour any
	var texts [4]sql.NullString
	if err := result.Scan(&hour, &texts[0], &texts[1], &texts[2], &texts[3], &count.N); err != nil {
		return count, err
	}
	setTexts(&count, texts)
	switch at := hour.(type) {
	case time.Time:
		count.Hour = at.UTC()
		return count, nil
	case []byte:
		count.Hour, err = parseHour(string(at))
	case string:
		count.Hour, err = parseHour(at)
	default:
		err = fmt.Errorf("the hour of a count is of type %T", hour)
	}
	return count, err
}

// parseHour parses the text of a time in UTC, whose year may have five digits: an id can
// have a time until 10889.
func parseHour(text string) (time.Time, error) {
	year, rest, _ := strings.Cut(text, "-")
	y, err := strconv.Atoi(year)
	if err != nil {
		return time.Time{}, fmt.Errorf("the hour of a count is %q", text)
	}
	at, err := time.Parse("01-02 15:04:05.000000", rest)
	return time.Date(y, at.Month(), at.Day(), at.Hour(), 0, 0, 0, time.UTC), err
}

// setTexts sets the columns of a count.
func setTexts(count *dialect.Count, texts [4]sql.NullString) {
	for i, text := range texts {
		count.Text[i], count.Empty[i] = text.String, text.Valid && text.String == ""
	}
}

// execer is a connection or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// execOn runs statements on a connection.
func execOn(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}
