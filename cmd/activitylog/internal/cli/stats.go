package cli

import (
	"bufio"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// intervals are the lengths of time that rows can be counted by.
var intervals = map[string]reader.Interval{"hour": reader.Hour, "day": reader.Day, "week": reader.Week, "month": reader.Month}

// statsCommand are the flags of stats.
type statsCommand struct {
	*app
	filters filters
	by      []string
	top     int

	interval string // of by; "" is none
	columns  []string
}

func newStats(a *app) *cobra.Command {
	c := &statsCommand{app: a}
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count rows by time and by columns",
		Long: `Count rows by hour, day, week or month, by columns of the table, or by both. Intervals
are those of UTC, and a week begins on Monday. On a terminal there are bars, or for both
a small chart of each value. -o csv and -o jsonl have the numbers.`,
		Example: `  activitylog stats --since 30d
  activitylog stats --by action_type,status
  activitylog stats --by week,actor_name --action "Login Failed" --top 5`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	c.filters.add(cmd.Flags())
	a.addFormat(cmd.Flags())
	cmd.Flags().StringSliceVar(&c.by, "by", []string{"day"}, "`what` to count by: one of hour, day, week and month, and columns")
	cmd.Flags().IntVar(&c.top, "top", 20, "how many values of columns to show on a terminal, the most frequent; 0 shows all of them")
	return cmd
}

func (c *statsCommand) run(cmd *cobra.Command) error {
	q, err := c.filters.query(c.app)
	if err != nil {
		return err
	}
	if err := c.parse(); err != nil {
		return err
	}
	r, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	defer r.Close()
	by := reader.By{Interval: intervals[c.interval], Columns: c.columns}
	if c.interval == "" && c.terminal() && c.flags.format == formatTable {
		by.Limit = min(c.top, reader.MaxGroups)
	}
	counts, err := r.Count(cmd.Context(), q, by)
	if err != nil {
		return err
	}
	if counts.More {
		c.hint("there are more than these " + strconv.Itoa(len(counts.Groups)) + " groups; --top, --since and filters choose which to show")
	}
	return c.print(counts)
}

// parse reads --by.
func (c *statsCommand) parse() error {
	for _, name := range c.by {
		switch {
		case intervals[name] != reader.None && c.interval != "":
			return usagef("--by can have one of hour, day, week and month; got %s and %s", c.interval, name)
		case intervals[name] != reader.None:
			c.interval = name
		case !slices.Contains(field.Countable(), name):
			return usagef("--by must be hour, day, week, month or columns: %s; got %.64q", strings.Join(field.Countable(), ", "), name)
		case slices.Contains(c.columns, name):
			return usagef("--by has %s twice", name)
		default:
			c.columns = append(c.columns, name)
		}
	}
	if c.top < 0 {
		return usagef("--top must be 0 or more; got %d", c.top)
	}
	return nil
}

func (c *statsCommand) print(counts reader.Counts) error {
	out := bufio.NewWriter(c.out)
	var err error
	switch {
	case c.flags.format == formatJSON:
		return c.printJSON(counts)
	case c.flags.format == formatJSONL:
		err = printLines(out, counts.Groups)
	case c.flags.format == formatCSV:
		err = c.printCSV(out, counts.Groups)
	case c.terminal():
		err = c.chart(out, counts.Groups)
	default:
		t := c.newTable(out, append(c.titles(), "rows")...)
		t.right = append(make([]bool, len(c.titles())), true)
		err = t.print(c.lines(counts.Groups)...)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// titles are those of the columns before the number.
func (c *statsCommand) titles() (titles []string) {
	if c.interval != "" {
		titles = append(titles, c.interval)
	}
	return append(titles, c.columns...)
}

func (c *statsCommand) lines(groups []reader.Group) [][]cell {
	lines := make([][]cell, len(groups))
	for i, g := range groups {
		for _, text := range c.values(g) {
			lines[i] = append(lines[i], orNone(text))
		}
		lines[i] = append(lines[i], cell{text: strconv.FormatInt(g.Rows, 10)})
	}
	return lines
}

// orNone shows that there is no value.
func orNone(text string) cell {
	if text == "" {
		return cell{"(none)", faint}
	}
	return cell{text: text}
}

// values are what is before the number of a group.
func (c *statsCommand) values(g reader.Group) (values []string) {
	if c.interval != "" {
		values = append(values, c.begin(g.Time))
	}
	return append(values, g.Values...)
}

// begin writes the beginning of an interval, in UTC.
func (c *statsCommand) begin(at time.Time) string {
	layout := map[string]string{"hour": "2006-01-02 15:04", "month": "2006-01"}[c.interval]
	if layout == "" {
		layout = time.DateOnly
	}
	return at.UTC().Format(layout)
}

func (c *statsCommand) printCSV(out *bufio.Writer, groups []reader.Group) error {
	w := c.newCSV(out)
	if err := w.write(append(c.titles(), "rows")); err != nil {
		return err
	}
	for _, g := range groups {
		if err := w.write(append(c.values(g), strconv.FormatInt(g.Rows, 10))); err != nil {
			return err
		}
	}
	return w.flush(out)()
}
