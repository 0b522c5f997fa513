package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newCounts(a *app) *cobra.Command {
	var rebuild, fold, off, yes bool
	cmd := &cobra.Command{
		Use:   "counts",
		Short: "Look after the table of counts",
		Long: strings.TrimSpace(`
Say whether the table has counts: how many rows there are of each hour, by service,
tenant, type of action and status. With them, dashboards and "activitylog stats" need not
read all rows.

--rebuild counts all rows, and turns counts on. Collectors may write meanwhile. They wait
for a moment at its beginning, with SQLite until it ends. --off turns counts off. --fold
puts counts of the same hour together; a collector with create_schema: true does that by
itself.`),
		Example: `  activitylog counts
  activitylog counts --rebuild`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rebuild && fold || rebuild && off || fold && off {
				return usagef("only one of --rebuild, --fold and --off can be given")
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				switch {
				case rebuild:
					return a.rebuildCounts(cmd, t)
				case fold:
					saved, err := t.FoldCounts(cmd.Context())
					if err == nil {
						a.sayFolded(saved)
					}
					return err
				case off:
					if err := a.confirm(yes, "empty the counts of "+t.Name()); err != nil {
						return err
					}
					return t.RemoveCounts(cmd.Context())
				}
				return a.sayCounts(cmd, t)
			})
		},
	}
	cmd.Flags().BoolVar(&rebuild, "rebuild", false, "count all rows, and turn counts on")
	cmd.Flags().BoolVar(&fold, "fold", false, "put counts of the same hour together")
	cmd.Flags().BoolVar(&off, "off", false, "turn counts off")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) rebuildCounts(cmd *cobra.Command, t *operate.Table) error {
	rows, err := t.RebuildCounts(cmd.Context())
	if err == nil {
		a.say("counted %s; dashboards and stats use the counts from now on\n", count(int(rows), "row"))
	}
	return err
}

func (a *app) sayFolded(saved int) {
	if saved == 0 {
		a.say("no hour has enough counts to put together\n")
		return
	}
	a.say("%s fewer\n", count(saved, "count"))
}

func (a *app) sayCounts(cmd *cobra.Command, t *operate.Table) error {
	c, err := t.Counts(cmd.Context())
	if err != nil {
		return err
	}
	a.say("state:  %s\n", c.State)
	if c.State != "off" {
		a.say("rows:   %d\ncounts: %d\n", c.Rows, c.Size)
	}
	return nil
}
