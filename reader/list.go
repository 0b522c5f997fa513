package reader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// Order is an order of rows by action_time, and by event_id where times are equal.
type Order int

// The two orders.
const (
	NewestFirst Order = iota
	OldestFirst
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Paging says which page to read.
type Paging struct {
	Order  Order
	Limit  int    // the most rows, up to [MaxLimit]; 0 is [DefaultLimit]
	Cursor Cursor // of another page; "" is the first page
}

// Page is a part of the rows of a query.
type Page struct {
	Rows []Row `json:"rows"`

	// Next is for the page after this one, in the order of the query, and Previous for
	// the one before. Each is "" if there was none when this page was read.
	Next     Cursor `json:"next,omitempty"`
	Previous Cursor `json:"previous,omitempty"`
}

// List returns a page of the rows of a query.
//
// A page begins after the last row of the one before, whatever was added or deleted in
// the meantime. So going from page to page shows no row twice, and each row that was
// there at the beginning. A row that is written later is shown if its place is in a page
// that is still to come.
func (r *Reader) List(ctx context.Context, q Query, p Paging) (Page, error) {
	return r.list(ctx, p, func(c *conditions) { c.query(q) })
}

// list reads a page of the rows that meet the conditions of where.
func (r *Reader) list(ctx context.Context, p Paging, where func(*conditions)) (page Page, err error) {
	limit, err := p.limit()
	if err != nil {
		return page, err
	}
	c := &conditions{dialect: r.dialect}
	where(c)
	older := p.Order == NewestFirst
	if p.Cursor != "" {
		var at position
		if at, older, err = p.Cursor.parse(); err != nil {
			return page, err
		}
		c.past(at, older)
	}
	rows, err := r.read(ctx, c, older, limit+1)
	if err != nil || len(rows) == 0 {
		return page, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	ahead, back := rows[len(rows)-1].position().cursor(older), rows[0].position().cursor(!older)
	if !more {
		ahead = ""
	}
	if p.Cursor == "" {
		back = ""
	}
	if older == (p.Order == NewestFirst) {
		return Page{Rows: rows, Next: ahead, Previous: back}, nil
	}
	slices.Reverse(rows)
	return Page{Rows: rows, Next: back, Previous: ahead}, nil
}

func (p Paging) limit() (int, error) {
	switch {
	case p.Order != NewestFirst && p.Order != OldestFirst:
		return 0, fmt.Errorf("the order must be NewestFirst or OldestFirst; got %d", p.Order)
	case p.Limit < 0, p.Limit > MaxLimit:
		return 0, fmt.Errorf("the limit must be 1 to %d; got %d", MaxLimit, p.Limit)
	case p.Limit == 0:
		return DefaultLimit, nil
	}
	return p.Limit, nil
}

// read returns up to limit rows, the newest or the oldest first.
func (r *Reader) read(ctx context.Context, c *conditions, newest bool, limit int) ([]Row, error) {
	if c.err != nil {
		return nil, c.err
	}
	return r.rows(ctx, r.statement(c, newest, limit), c.args)
}

func (r *Reader) statement(c *conditions, newest bool, limit int) string {
	return r.statementOf(r.columns, c, newest, limit)
}

func (r *Reader) statementOf(columns string, c *conditions, newest bool, limit int) string {
	return "SELECT " + columns + r.from() + c.String() + order(newest) + " LIMIT " + strconv.Itoa(limit)
}

// order is by time and then by id, so that the indexes that end with action_time are of
// use: see docs/adr/0024-reader.md.
func order(newest bool) string {
	if newest {
		return " ORDER BY t.action_time DESC, t.event_id DESC"
	}
	return " ORDER BY t.action_time, t.event_id"
}

// ErrNotFound is the error of [Reader.Get] if there is no such row.
var ErrNotFound = errors.New("no such activity")

// Get returns the row with that id, or [ErrNotFound].
func (r *Reader) Get(ctx context.Context, id activity.ID) (Row, error) {
	c := &conditions{dialect: r.dialect}
	c.where("t.event_id = " + c.add(id.String(), dialect.ID))
	rows, err := r.rows(ctx, "SELECT "+r.columns+r.from()+c.String()+" LIMIT 1", c.args)
	if err != nil {
		return Row{}, err
	}
	if len(rows) == 0 {
		return Row{}, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return rows[0], nil
}
