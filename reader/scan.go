package reader

import (
	"context"
	"iter"
)

// scanRows is how many rows [Reader.Scan] reads at once.
const scanRows = 500

// Scan goes through all rows of a query, for an export. It reads them in parts of 500,
// so memory does not grow with their number, and no transaction or connection is held
// while the caller works. Like the pages of [Reader.List], it yields no row twice, and
// each row that was there at the beginning.
//
// After an error the loop ends. What was yielded before is right.
func (r *Reader) Scan(ctx context.Context, q Query, order Order) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var after *position
		for {
			c := &conditions{dialect: r.dialect}
			c.query(q)
			if after != nil {
				c.past(*after, order == NewestFirst)
			}
			rows, err := r.read(ctx, c, order == NewestFirst, scanRows)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i := range rows {
				if !yield(rows[i], nil) {
					return
				}
			}
			if len(rows) < scanRows {
				return
			}
			last := rows[len(rows)-1].position()
			after = &last
		}
	}
}
