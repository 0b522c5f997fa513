package reader

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
)

const (
	// scanFirst is how many rows [Reader.Scan] reads at first, and scanMost at most.
	scanFirst = 500
	scanMost  = 5000

	// scanBytes is about how much memory the rows have that it reads at once. Where rows
	// become much larger it may be up to scanMostBytes, and a row more.
	scanBytes     = 4 << 20
	scanMostBytes = 8 << 20
)

// Scan goes through all rows of a query, for an export. It reads them in parts of up to
// 5000, fewer where rows are large, and one part ahead of the caller. So memory does not
// grow with their number, and no transaction or connection is held while the caller
// works. Like the pages of [Reader.List], it yields no row twice, and each row that was
// there at the beginning.
//
// After an error the loop ends. What was yielded before is right.
func (r *Reader) Scan(ctx context.Context, q Query, order Order) iter.Seq2[Row, error] {
	return r.ScanAfter(ctx, q, order, "")
}

// ScanAfter is a [Reader.Scan] that goes on where another one stopped: after the row
// whose [Row.Cursor] it gets. With the cursor "" it begins at the beginning.
func (r *Reader) ScanAfter(ctx context.Context, q Query, order Order, after Cursor) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		s := &scanner{Reader: r, query: q, newest: order == NewestFirst, limit: scanFirst}
		if after != "" {
			at, older, err := after.parse()
			if err == nil && older != s.newest {
				err = ErrCursor
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			s.after = &at
		}
		ctx, cancel := context.WithCancel(ctx)
		parts := make(chan part)
		var reading sync.WaitGroup
		reading.Go(func() { s.read(ctx, parts) })
		defer reading.Wait()
		defer cancel()
		for p := range parts {
			for i := range p.rows {
				if !yield(p.rows[i], nil) {
					return
				}
			}
			if p.err != nil {
				yield(Row{}, p.err)
				return
			}
		}
		if err := ctx.Err(); err != nil { // the last part may have been lost
			yield(Row{}, err)
		}
	}
}

// Cursor returns the place after the row in an order, for [Reader.ScanAfter] and [Paging].
func (r *Row) Cursor(order Order) Cursor { return r.position().cursor(order == NewestFirst) }

// part is some rows of a scan, or the error that ends it.
type part struct {
	rows []Row
	last bool // there are no more
	err  error
}

// scanner is the state of one scan.
type scanner struct {
	*Reader
	query  Query
	newest bool
	after  *position // the last row that was read
	limit  int
}

// read reads parts until the last one, an error, or the end of ctx.
func (s *scanner) read(ctx context.Context, parts chan<- part) {
	defer close(parts)
	var buffers [2][]Row // when one part is taken, the other is done with
	for n := 0; ; n++ {
		p := s.next(ctx, buffers[n%2][:0])
		buffers[n%2] = p.rows
		select {
		case parts <- p:
		case <-ctx.Done():
			return
		}
		if p.last || p.err != nil {
			return
		}
	}
}

// errEnough ends the reading of a part whose rows are larger than thought.
var errEnough = errors.New("enough")

// next reads the next rows into a buffer, which has none.
func (s *scanner) next(ctx context.Context, rows []Row) part {
	c := &conditions{dialect: s.dialect}
	c.query(s.query)
	if s.after != nil {
		c.past(*s.after, s.newest)
	}
	if c.err != nil {
		return part{err: c.err}
	}
	rows, size := slices.Grow(rows, s.limit), 0
	each := func(row *Row) error {
		rows = append(rows, *row)
		if size += row.size(); size > scanMostBytes {
			return errEnough
		}
		return nil
	}
	err := errNotPacked
	if s.packed != "" {
		err = s.eachPacked(ctx, s.statementOf(s.packed, c, s.newest, s.limit), c.args, each)
	}
	if errors.Is(err, errNotPacked) {
		rows, size = rows[:0], 0
		err = s.eachRow(ctx, s.statement(c, s.newest, s.limit), c.args, each)
	}
	enough := errors.Is(err, errEnough)
	if err != nil && !enough {
		return part{err: err}
	}
	if len(rows) < s.limit && !enough {
		return part{rows: rows, last: true}
	}
	last := rows[len(rows)-1].position()
	s.after, s.limit = &last, min(scanMost, max(1, scanBytes/(size/len(rows))))
	return part{rows: rows}
}
