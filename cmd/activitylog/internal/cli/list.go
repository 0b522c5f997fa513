package cli

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// pageFlags are the flags of sub-commands that print a page.
type pageFlags struct {
	limit  int
	cursor string
	oldest bool
}

func (f *pageFlags) add(flags *pflag.FlagSet) {
	flags.IntVarP(&f.limit, "limit", "n", reader.DefaultLimit, fmt.Sprintf("most rows of a page, up to %d", reader.MaxLimit))
	flags.StringVar(&f.cursor, "cursor", "", "where to go on: the `cursor` that was printed after another page")
	flags.BoolVar(&f.oldest, "oldest-first", false, "the oldest row first, instead of the newest")
}

func (f *pageFlags) paging() (reader.Paging, error) {
	if f.limit < 1 || f.limit > reader.MaxLimit {
		return reader.Paging{}, usagef("--limit must be 1 to %d; got %d; for more rows use activitylog export, or --cursor for the next page", reader.MaxLimit, f.limit)
	}
	p := reader.Paging{Limit: f.limit, Cursor: reader.Cursor(f.cursor)}
	if f.oldest {
		p.Order = reader.OldestFirst
	}
	return p, nil
}

// cursorError makes an error of usage of one that is about the cursor.
func cursorError(err error) error {
	if errors.Is(err, reader.ErrCursor) {
		return usagef("--cursor must be one that activitylog printed after a page: %w", err)
	}
	return err
}

func newList(a *app) *cobra.Command {
	var (
		where filters
		rows  rowFlags
		pages pageFlags
	)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show a page of rows, the newest first",
		Long: `Show a page of rows, the newest first. Where the next page begins is printed to
standard error, or is "next" in JSON.`,
		Example: `  activitylog list --actor 42 --since 2026-11-01
  activitylog list --action "Login Failed" --since 24h
  activitylog list --object article/17 -o jsonl`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := where.query(a)
			if err != nil {
				return err
			}
			p, err := pages.paging()
			if err != nil {
				return err
			}
			if err := rows.check(); err != nil {
				return err
			}
			r, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer r.Close()
			page, err := r.List(cmd.Context(), q, p)
			if err != nil {
				return cursorError(err)
			}
			return a.printPage(page, rows)
		},
	}
	where.add(cmd.Flags())
	rows.add(cmd.Flags())
	pages.add(cmd.Flags())
	a.addFormat(cmd.Flags())
	return cmd
}

// printPage prints a page, and says where the others are.
func (a *app) printPage(page reader.Page, f rowFlags) error {
	if a.flags.format == formatJSON {
		return a.printJSONPage(page, f.columns)
	}
	p := a.rowPrinter(f)
	if len(page.Rows) > 0 || a.flags.format == formatCSV {
		if err := p.print(page.Rows); err != nil {
			return err
		}
	}
	if err := p.flush(); err != nil {
		return err
	}
	if len(page.Rows) == 0 {
		a.hint("no rows")
	}
	a.hintPages(page.Next, page.Previous)
	return nil
}

func (a *app) printJSONPage(page reader.Page, columns []string) error {
	shown := struct {
		Rows     []json.RawMessage `json:"rows"`
		Next     reader.Cursor     `json:"next,omitempty"`
		Previous reader.Cursor     `json:"previous,omitempty"`
	}{Rows: []json.RawMessage{}, Next: page.Next, Previous: page.Previous}
	for i := range page.Rows {
		text, err := rowJSON(&page.Rows[i], columns)
		if err != nil {
			return fmt.Errorf("write the row %s: %w", field.Of("event_id")(&page.Rows[i]), err)
		}
		shown.Rows = append(shown.Rows, text)
	}
	return a.printJSON(shown)
}

// hintPages says how to go on.
func (a *app) hintPages(next, previous reader.Cursor) {
	if next != "" {
		a.hint("next page: --cursor " + string(next))
	}
	if previous != "" {
		a.hint("previous page: --cursor " + string(previous))
	}
}

// hint prints a line to standard error, for people.
func (a *app) hint(text string) { _, _ = fmt.Fprintln(a.err, text) }
