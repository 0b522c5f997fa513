package bulk

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// columns are the values of a block, column by column. Their memory is used again for
// the next block: a fresh one of ten thousand rows would allocate 30 MB, most of it
// while the driver's columns grow.
type columns struct {
	ids      []uuid.UUID
	times    []time.Time
	texts    []string
	pointers []*string
	boxed    map[string]any // of the values that repeat: text as the driver wants it

	last []column.Interface // the driver's columns of the last block
	size int                // of its rows, in bytes
}

// fill appends the rows to an empty batch.
func (c *columns) fill(batch driver.Batch, rows []row.Row, last time.Time) error {
	empty := batch.Columns()
	if len(empty) != row.Before+row.Columns {
		return fmt.Errorf("the block has %d columns, not %d", len(empty), row.Before+row.Columns)
	}
	if len(c.last) == len(empty) {
		for i := range empty {
			reuse(empty[i], c.last[i])
		}
	}
	c.last, c.size = empty, 0
	if err := c.fillKey(batch, rows, last); err != nil {
		return err
	}
	for i := range row.Columns {
		if err := c.fillText(batch.Column(row.Before+i), empty[row.Before+i], rows, i); err != nil {
			return err
		}
	}
	clear(c.texts[:cap(c.texts)]) // they would keep the rows in memory
	clear(c.pointers[:cap(c.pointers)])
	return nil
}

// fillKey appends event_id and action_time.
func (c *columns) fillKey(batch driver.Batch, rows []row.Row, last time.Time) error {
	c.ids, c.times = c.ids[:0], c.times[:0]
	for i := range rows {
		at := rows[i].ID.Time()
		if at.After(last) {
			return &dialect.ValueError{Column: "action_time", Row: i + 1, Err: fmt.Errorf("%s is after %s",
				at.Format("2006-01-02 15:04:05.000000"), last.UTC().Format(time.DateOnly))}
		}
		c.ids, c.times = append(c.ids, uuid.UUID(rows[i].ID)), append(c.times, at)
		c.size += rows[i].Size()
	}
	if err := appendKey(batch.Column(0), c.last[0], c.ids); err != nil {
		return err
	}
	return appendKey(batch.Column(1), c.last[1], c.times)
}

// appendKey appends the values of a column of the key.
func appendKey[T any](to driver.BatchColumn, kind column.Interface, values []T) error {
	switch kind.(type) {
	case *column.UUID, *column.DateTime64, *column.DateTime:
		if err := to.Append(values); err != nil {
			return &dialect.ValueError{Column: kind.Name(), Err: err}
		}
		return nil
	}
	for i := range values {
		if err := to.AppendRow(values[i]); err != nil {
			return &dialect.ValueError{Column: kind.Name(), Row: i + 1, Err: err}
		}
	}
	return nil
}

// fillText appends the values of a column of text: all at once if it has one of the
// types of our schema.
func (c *columns) fillText(to driver.BatchColumn, kind column.Interface, rows []row.Row, i int) error {
	switch kind := kind.(type) {
	case *column.String:
		c.texts = c.texts[:0]
		for j := range rows {
			c.texts = append(c.texts, rows[j].Text[i])
		}
		return to.Append(c.texts)
	case *column.Nullable:
		if _, ok := kind.Base().(*column.String); !ok {
			break
		}
		c.pointers = c.pointers[:0]
		for j := range rows {
			c.pointers = append(c.pointers, pointer(&rows[j].Text[i]))
		}
		return to.Append(c.pointers)
	case *column.LowCardinality:
		return c.fillRows(to, kind, rows, i, c.box)
	}
	return c.fillRows(to, kind, rows, i, func(text string) any { return text })
}

// fillRows appends the values of a column one by one, so that an error has the row.
func (c *columns) fillRows(to driver.BatchColumn, kind column.Interface, rows []row.Row, i int, box func(string) any) error {
	for j := range rows {
		var value any
		if text := rows[j].Text[i]; text != "" {
			value = box(text)
		}
		if err := to.AppendRow(value); err != nil {
			return &dialect.ValueError{Column: kind.Name(), Row: j + 1, Err: err}
		}
	}
	return nil
}

// pointer returns text, or nil if it is empty, which is NULL.
func pointer(text *string) *string {
	if *text == "" {
		return nil
	}
	return text
}

// maxBoxed is how many values are remembered, and maxBoxedText how many bytes each has at
// most: a sender can make them long, and each different.
const (
	maxBoxed     = 1000
	maxBoxedText = 256
)

// box returns text as an interface, which allocates only for new text.
func (c *columns) box(text string) any {
	if len(text) > maxBoxedText {
		return strings.Clone(text)
	}
	if value, ok := c.boxed[text]; ok {
		return value
	}
	if len(c.boxed) >= maxBoxed || c.boxed == nil {
		c.boxed = map[string]any{}
	}
	text = strings.Clone(text) // it is a part of all the text of its batch
	c.boxed[text] = text
	return c.boxed[text]
}

// types returns the names and types of the columns.
func (c *columns) types() []clickhouse.ColumnNameAndType {
	types := make([]clickhouse.ColumnNameAndType, len(c.last))
	for i, each := range c.last {
		types[i] = clickhouse.ColumnNameAndType{Name: each.Name(), Type: string(each.Type())}
	}
	return types
}

// reuse gives a new column the memory of an old one of the same type, which nobody uses
// any more.
func reuse(to, from column.Interface) {
	if to.Name() != from.Name() || to.Type() != from.Type() {
		return
	}
	switch to := to.(type) {
	case *column.String:
		*to = *from.(*column.String)
	case *column.Nullable:
		*to = *from.(*column.Nullable)
	case *column.UUID:
		*to = *from.(*column.UUID)
	case *column.DateTime64:
		*to = *from.(*column.DateTime64)
	default:
		return
	}
	to.Reset()
}
