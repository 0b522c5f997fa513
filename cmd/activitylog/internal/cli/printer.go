package cli

import (
	"bufio"
	"encoding/csv"
	"io"

	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// rowFlags are the flags of sub-commands that print rows.
type rowFlags struct {
	columns []string
	ids     bool
}

func (f *rowFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.columns, "columns", nil, "`columns` to show, such as action_time,actor_id,remarks")
	flags.BoolVar(&f.ids, "ids", false, "show the id of each row, for activitylog show")
}

func (f *rowFlags) check() error {
	if err := field.Check(f.columns); err != nil {
		return usagef("--columns %w", err)
	}
	return nil
}

// rowPrinter prints rows as they come, in the format of -o. It writes what it was given
// at flush.
type rowPrinter struct {
	print func([]reader.Row) error
	flush func() error
}

// rowPrinter returns the printer for table, jsonl and csv; json is for whole pages.
func (a *app) rowPrinter(f rowFlags) rowPrinter {
	out := bufio.NewWriter(a.out)
	switch a.flags.format {
	case formatJSONL:
		safe := escape.JSON(out)
		return rowPrinter{func(rows []reader.Row) error { return printJSONL(safe, rows, f.columns) }, out.Flush}
	case formatCSV:
		return a.csvPrinter(out, f)
	}
	columns := rowColumns(f.columns, f.ids)
	t := a.newTable(out)
	for _, c := range columns {
		t.add(c.title, c.title == "TIME" || c.title == "event_id")
	}
	return rowPrinter{func(rows []reader.Row) error {
		lines := make([][]cell, len(rows))
		for i := range rows {
			for _, c := range columns {
				lines[i] = append(lines[i], c.cell(a, &rows[i]))
			}
		}
		return t.print(lines...)
	}, out.Flush}
}

func printJSONL(out io.Writer, rows []reader.Row, columns []string) error {
	for i := range rows {
		text, err := rowJSON(&rows[i], columns)
		if err == nil {
			_, err = out.Write(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rowJSON returns a row on one line: what is not NULL, or columns.
func rowJSON(row *reader.Row, columns []string) ([]byte, error) {
	if len(columns) > 0 {
		return field.Object(row, columns)
	}
	field.Fit(row)
	return field.JSON(row)
}

// csvPrinter prints all columns, or those of the flag, with a line of their names.
func (a *app) csvPrinter(out *bufio.Writer, f rowFlags) rowPrinter {
	names := f.columns
	if len(names) == 0 {
		names = field.Names()
	}
	w := a.newCSV(out)
	began := false
	return rowPrinter{func(rows []reader.Row) error {
		if !began {
			began = true
			if err := w.write(names); err != nil {
				return err
			}
		}
		for i := range rows {
			record := make([]string, len(names))
			for j, name := range names {
				record[j] = field.Of(name)(&rows[i])
			}
			if err := w.write(record); err != nil {
				return err
			}
		}
		return nil
	}, w.flush(out)}
}

// csvWriter writes CSV. Values stay as they are in a file, but not on a terminal.
type csvWriter struct {
	w    *csv.Writer
	safe bool
}

func (a *app) newCSV(out io.Writer) *csvWriter {
	return &csvWriter{w: csv.NewWriter(out), safe: a.terminal()}
}

func (c *csvWriter) write(record []string) error {
	if c.safe {
		for i := range record {
			record[i] = escape.Line(record[i])
		}
	}
	return c.w.Write(record)
}

// flush returns what writes the rest to out, and out's own rest.
func (c *csvWriter) flush(out *bufio.Writer) func() error {
	return func() error {
		c.w.Flush()
		if err := c.w.Error(); err != nil {
			return err
		}
		return out.Flush()
	}
}

// printLines prints each value as JSON on a line of its own.
func printLines[T any](out io.Writer, values []T) error {
	safe := escape.JSON(out)
	for i := range values {
		text, err := field.JSON(values[i])
		if err == nil {
			_, err = safe.Write(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// indented returns a value as JSON of several lines, for people.
func indented(value any) ([]byte, error) {
	text, err := field.JSON(value)
	return reader.IndentJSON(text), err
}

// printJSON prints a value as JSON of several lines.
func (a *app) printJSON(value any) error {
	text, err := indented(value)
	if err != nil {
		return err
	}
	_, err = escape.JSON(a.out).Write(text)
	return err
}
