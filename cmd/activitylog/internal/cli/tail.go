package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/reader"
)

// tailEvery is how often tail looks for new rows. docs/audit/command.md says so.
const tailEvery = 500 * time.Millisecond

// tailCommand are the flags of tail.
type tailCommand struct {
	*app
	filters filters
	rows    rowFlags
	lines   int
	follow  bool
	grace   time.Duration
}

func newTail(a *app) *cobra.Command {
	c := &tailCommand{app: a}
	cmd := &cobra.Command{
		Use:   "tail",
		Short: "Show the newest rows, and with -f new ones as they come",
		Long: `Show the newest rows, the newest at the end. With -f, go on and show new rows until
Ctrl-C. A row that is written late, after newer ones, is shown if it can be read within
--grace after its action_time. activitylog list and export show later ones.`,
		Example: `  activitylog tail
  activitylog tail -f --status Failed
  activitylog tail -f --since 1h -o jsonl`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	c.filters.add(cmd.Flags())
	c.rows.add(cmd.Flags())
	a.addFormat(cmd.Flags())
	cmd.Flags().IntVarP(&c.lines, "lines", "n", 10, "how many of the rows that are there already to show, up to 1000; not with --since, which shows all since then")
	cmd.Flags().BoolVarP(&c.follow, "follow", "f", false, "show new rows as they come")
	cmd.Flags().DurationVar(&c.grace, "grace", reader.DefaultGrace, "how long after its action_time a late row is still shown")
	return cmd
}

func (c *tailCommand) run(ctx context.Context) error {
	q, err := c.filters.query(c.app)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.follow {
		return c.followRows(ctx, r, q)
	}
	return c.showLast(ctx, r, q)
}

func (c *tailCommand) check() error {
	switch {
	case c.follow && c.filters.until != "":
		return usagef("--until cannot be used with -f, which goes on without end")
	case c.follow && c.flags.format == formatJSON:
		return usagef("-o json has an end, and -f has none: use -o jsonl, an object on each line")
	case c.lines < 0, c.lines > reader.MaxLimit:
		return usagef("--lines must be 0 to %d; got %d", reader.MaxLimit, c.lines)
	case c.grace <= 0:
		return usagef("--grace must be longer than 0; got %s", c.grace)
	}
	return c.rows.check()
}

// showLast prints the newest rows, or all since a time, the oldest first.
func (c *tailCommand) showLast(ctx context.Context, r *reader.Reader, q reader.Query) error {
	if !q.From.IsZero() && c.flags.format != formatJSON {
		return c.showSince(ctx, r, q)
	}
	if c.lines == 0 {
		return nil
	}
	page, err := r.List(ctx, q, reader.Paging{Limit: c.lines})
	if err != nil {
		return err
	}
	slices.Reverse(page.Rows)
	return c.printPage(reader.Page{Rows: page.Rows}, c.rows)
}

// printRows is how many rows are printed at once, with the same widths of columns.
const printRows = 200

// showSince prints all rows since a time.
func (c *tailCommand) showSince(ctx context.Context, r *reader.Reader, q reader.Query) error {
	p := c.rowPrinter(c.rows)
	var rows []reader.Row
	none := true
	for row, err := range r.Scan(ctx, q, reader.OldestFirst) {
		if err != nil {
			return err
		}
		none = false
		if rows = append(rows, row); len(rows) == printRows {
			if err := p.print(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if none {
		c.hint("no rows")
	} else if err := p.print(rows); err != nil {
		return err
	}
	return p.flush()
}

// followRows prints rows as they come, until it is interrupted. That is how it ends, so
// it is no error.
func (c *tailCommand) followRows(ctx context.Context, r *reader.Reader, q reader.Query) error {
	options := reader.TailOptions{From: q.From, Last: c.lines, Every: tailEvery, Grace: c.grace}
	if !q.From.IsZero() {
		options.Last = 0
	}
	p := c.rowPrinter(c.rows)
	trouble := ""
	for row, err := range r.Tail(ctx, q, options) {
		if err != nil {
			if text := c.clean(err.Error()); text != trouble { // once for each kind of trouble
				trouble = text
				c.hint("activitylog: " + text + "; trying again")
			}
			continue
		}
		trouble = ""
		if err := p.print([]reader.Row{row}); err != nil {
			return err
		}
		if err := p.flush(); err != nil {
			return err
		}
	}
	return nil
}
