package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// errNotPacked is the error of a row whose packed text does not say for sure what its columns
// are. It is read again, column by column.
var errNotPacked = errors.New("the row cannot be packed")

// packedColumns are the columns in the order of a packed text: data, which may be large, is the
// last.
var packedColumns = func() (all []activity.Column) {
	for _, c := range columns {
		if c.Kind != activity.ColumnJSON {
			all = append(all, c)
		}
	}
	for _, c := range columns {
		if c.Kind == activity.ColumnJSON {
			all = append(all, c)
		}
	}
	return all
}()

// packs returns the expression that has all columns of a row in one text, or "" if reading them
// one by one costs the dialect's driver nothing.
func (r *Reader) packs() string {
	packer, ok := r.dialect.(dialect.Packer)
	if !ok {
		return ""
	}
	var expressions []string
	for _, c := range packedColumns {
		expressions = append(expressions, r.dialect.Column(c.Name, kindOf(c)))
	}
	return packer.Pack(expressions)
}

// eachPacked is [Reader.eachRow] for a query that selects the packed text.
func (r *Reader) eachPacked(ctx context.Context, query string, args []any, each func(*Row) error) error {
	var row Row
	places := row.places(packedColumns)
	var text string
	err := r.query(ctx, query, args, func(result *sql.Rows) error {
		if err := result.Scan(&text); err != nil {
			return fmt.Errorf("packed row: %w", err)
		}
		row = Row{}
		if !unpack(text, places) {
			return errNotPacked
		}
		return each(&row)
	})
	if err != nil && !errors.Is(err, errNotPacked) {
		return fmt.Errorf("read %s: %w", r.table, err)
	}
	return err
}

// unpack puts the columns of a packed text into their places, and reports whether it could: a
// value may have the separator in it, and an id or a time may have another form than the
// exporter's. What is NULL is "" in the text, and zero in a [Row] anyway.
func unpack(text string, places []any) bool {
	if strings.Count(text, dialect.Separator) != len(places)-1 {
		return false
	}
	// The short columns share one text of their own, so that it does not keep data in memory.
	last := strings.LastIndex(text, dialect.Separator)
	short, data := strings.Clone(text[:last]), text[last+1:]
	for _, place := range places {
		var value string
		value, short, _ = strings.Cut(short, dialect.Separator)
		var err error
		switch p := place.(type) {
		case *textPlace:
			*p = textPlace(value)
		case *timePlace:
			var at time.Time
			at, err = parseTime(value)
			*p = timePlace(at)
		case *idPlace:
			var id activity.ID
			id, err = ParseID(value)
			*p = idPlace(id)
		case *dataPlace:
			*p = dataPlace(data)
		}
		if err != nil {
			return false
		}
	}
	return true
}
