package reader

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// TailOptions are the options of [Reader.Tail].
type TailOptions struct {
	// From is where to begin. Rows since then that are there already are yielded first.
	// Zero is the time of the first look that succeeds: what came before is not yielded,
	// also if the database was away until then.
	From time.Time

	// Last is how many rows that are there already are yielded first, the newest ones,
	// up to [MaxLimit]. It is for a From that is zero.
	Last int

	// Every is how often to look; 0 is a second.
	Every time.Duration

	// Grace is how late a row may be: the time from action_time until the row can be
	// read. 0 is a minute. A row that is later is not yielded; List and Scan show it.
	// Tail keeps the keys of all rows in the grace in memory, 24 bytes for each and the
	// room of a map. Until it has yielded what was there already, it also keeps those
	// since From.
	Grace time.Duration
}

// Defaults of [TailOptions].
const (
	DefaultEvery = time.Second
	DefaultGrace = time.Minute
)

// tailKeys is how many keys are read at once, and tailRows how many rows.
const (
	tailKeys = 5000
	tailRows = 500
)

// Tail yields rows of a query as they come, without end. Rows that are found at the same
// time are in the order of time. A row that is late comes after newer ones, and no row
// comes twice. The time is the database's, so the clock of this computer does not matter,
// but that of a service that is wrong makes its rows late.
//
// The loop ends when ctx does, without an error. Any other error is yielded with a zero
// Row, and if the loop goes on, Tail tries again: rows that are written while the
// database is unreachable are not lost.
func (r *Reader) Tail(ctx context.Context, q Query, o TailOptions) iter.Seq2[Row, error] {
	t := &tail{Reader: r, query: q, begin: o.From, last: o.Last, every: cmp.Or(o.Every, DefaultEvery), grace: cmp.Or(o.Grace, DefaultGrace)}
	return func(yield func(Row, error) bool) {
		t := *t // each loop begins anew
		t.seen = map[position]bool{}
		if o.Last < 0 || o.Last > MaxLimit {
			yield(Row{}, fmt.Errorf("the last rows must be 0 to %d; got %d", MaxLimit, o.Last))
			return
		}
		for {
			err := t.look(ctx, yield)
			switch {
			case errors.Is(err, errStop), ctx.Err() != nil:
				return
			case err != nil && !yield(Row{}, err):
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(t.every):
			}
		}
	}
}

// tail is the state of one loop.
type tail struct {
	*Reader
	query        Query
	begin        time.Time // where to look from at first; zero: now
	last         int       // how many rows to yield first
	every, grace time.Duration

	looked time.Time         // when it last looked, without an error, by the database
	seen   map[position]bool // rows in the grace that were yielded
}

// errStop means that the loop was left.
var errStop = errors.New("the loop was left")

// look yields the rows that are new. A row that was not there when it last looked is not
// older than the grace before that.
func (t *tail) look(ctx context.Context, yield func(Row, error) bool) error {
	now, err := t.now(ctx)
	if err != nil {
		return err
	}
	from := t.looked.Add(-t.grace)
	if t.looked.IsZero() {
		from = t.begin
		if t.begin.IsZero() {
			from = now.Add(-t.grace)
		}
	}
	if from.Before(t.begin) { // what is older than that is not asked for
		from = t.begin
	}
	silent := t.looked.IsZero() && t.begin.IsZero() // what is there already is not new
	var after *position
	for {
		keys, err := t.keys(ctx, from, after)
		if err != nil {
			return err
		}
		if err := t.yieldNew(ctx, keys, silent, yield); err != nil {
			return err
		}
		if len(keys) < tailKeys {
			break
		}
		after = &keys[len(keys)-1]
	}
	if silent && t.last > 0 {
		if err := t.yieldLast(ctx, yield); err != nil {
			return err
		}
	}
	t.looked = now
	oldest := now.Add(-t.grace).UnixMicro()
	for p := range t.seen {
		if p.micros < oldest {
			delete(t.seen, p)
		}
	}
	return nil
}

// yieldLast yields the newest rows, the oldest of them first. It is called when all that
// was there is marked as seen: a row that was written since then is either among these,
// or yielded by the next look.
func (t *tail) yieldLast(ctx context.Context, yield func(Row, error) bool) error {
	c := &conditions{dialect: t.dialect}
	c.query(t.query)
	rows, err := t.read(ctx, c, true, t.last)
	if err != nil {
		return err
	}
	for _, row := range slices.Backward(rows) {
		t.seen[row.position()] = true
		if !yield(row, nil) {
			return errStop
		}
	}
	return nil
}

// yieldNew yields the rows whose keys are new, unless it is to be silent.
func (t *tail) yieldNew(ctx context.Context, keys []position, silent bool, yield func(Row, error) bool) error {
	fresh := slices.DeleteFunc(slices.Clone(keys), func(p position) bool { return t.seen[p] })
	for part := range slices.Chunk(fresh, tailRows) {
		if silent {
			for _, p := range part {
				t.seen[p] = true
			}
			continue
		}
		rows, err := t.byID(ctx, part)
		if err != nil {
			return err
		}
		for i := range rows {
			t.seen[rows[i].position()] = true
			if !yield(rows[i], nil) {
				return errStop
			}
		}
	}
	return nil
}

// now returns the time of the database.
func (t *tail) now(ctx context.Context) (time.Time, error) {
	var text string
	if err := t.db.QueryRowContext(ctx, t.dialect.Now()).Scan(&text); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for its time: %w", err)
	}
	return parseTime(text)
}

// keys returns the places of rows since a time, in their order.
func (t *tail) keys(ctx context.Context, from time.Time, after *position) (keys []position, err error) {
	c := &conditions{dialect: t.dialect}
	c.query(t.query)
	c.span(from, time.Time{})
	if after != nil {
		c.past(*after, false)
	}
	if c.err != nil {
		return nil, c.err
	}
	query := "SELECT " + t.dialect.Select("event_id", dialect.ID) + ", " + t.dialect.Select("action_time", dialect.Time) +
		t.from() + c.String() + order(false) + " LIMIT " + strconv.Itoa(tailKeys)
	err = t.Reader.query(ctx, query, c.args, func(rows *sql.Rows) error {
		key, err := scanKey(rows)
		keys = append(keys, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for new rows of %s: %w", t.table, err)
	}
	return keys, nil
}

func scanKey(rows *sql.Rows) (p position, err error) {
	var id, at string
	if err := rows.Scan(&id, &at); err != nil {
		return p, err
	}
	var moment time.Time
	if moment, err = parseTime(at); err != nil {
		return p, err
	}
	p.micros = moment.UnixMicro()
	p.id, err = ParseID(id)
	return p, err
}

// byID returns the rows of keys, which are in order, in their order.
func (r *Reader) byID(ctx context.Context, keys []position) ([]Row, error) {
	c := &conditions{dialect: r.dialect}
	c.span(keys[0].time(), keys[len(keys)-1].time().Add(time.Microsecond))
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = c.add(key.id.String(), dialect.ID)
	}
	c.where("t.event_id IN (" + strings.Join(ids, ", ") + ")")
	return r.read(ctx, c, false, len(keys))
}
