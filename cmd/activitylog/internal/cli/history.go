package cli

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// historyCommand are the flags of history.
type historyCommand struct {
	*app
	filters filters
	pages   pageFlags
	parts   bool
	changed bool
}

func newHistory(a *app) *cobra.Command {
	c := &historyCommand{app: a}
	cmd := &cobra.Command{
		Use:   "history TYPE ID",
		Short: "Show what was done to an object, with its changes",
		Long: `Show what was done to an object, the newest first, with old and new values of what was
changed. With --parts, also what was done to objects that belong to it, such as the
comments of an article; that reads all rows between --since and --until.

The exit code is 3 if nothing was done to it.`,
		Example: `  activitylog history article 17
  activitylog history article 17 --parts --changes-only --since 30d
  activitylog history article 17 -o csv > article-17.csv`,
		Args: takes("TYPE", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd, reader.Object{Type: args[0], ID: args[1]})
		},
	}
	c.filters.add(cmd.Flags())
	c.pages.add(cmd.Flags())
	a.addFormat(cmd.Flags())
	cmd.Flags().BoolVar(&c.parts, "parts", false, "also what was done to objects that belong to it")
	cmd.Flags().BoolVar(&c.changed, "changes-only", false, "only what changed something; a page can then be shorter")
	return cmd
}

func (c *historyCommand) run(cmd *cobra.Command, object reader.Object) error {
	q, err := c.filters.query(c.app)
	if err != nil {
		return err
	}
	switch {
	case object.Type == "" || object.ID == "":
		return usagef("the type and the id of the object must not be empty")
	case c.filters.object != "":
		return usagef("--object cannot be used here: the object is %.64s %.64s", object.Type, object.ID)
	}
	p, err := c.pages.paging()
	if err != nil {
		return err
	}
	r, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	defer r.Close()
	acts, err := r.History(cmd.Context(), object, reader.HistoryOptions{Paging: p, Query: q, Parts: c.parts})
	if err != nil {
		return cursorError(err)
	}
	if len(acts.Acts) == 0 && p.Cursor == "" {
		return withCode(exitNotFound, fmt.Errorf("no activity has the object %.64q %.64q with these flags; type and id are compared letter by letter", object.Type, object.ID))
	}
	return c.print(acts)
}

// print prints the acts in the format of -o.
func (c *historyCommand) print(acts reader.Acts) (err error) {
	if c.changed {
		acts.Acts = changing(acts.Acts)
	}
	out := bufio.NewWriter(c.out)
	switch c.flags.format {
	case formatJSON:
		fit(acts.Acts)
		return c.printJSON(acts)
	case formatJSONL:
		fit(acts.Acts)
		err = printLines(out, acts.Acts)
	case formatCSV:
		err = c.printChanges(out, acts.Acts)
	default:
		for i := range acts.Acts {
			c.printAct(out, &acts.Acts[i])
		}
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		c.hintPages(acts.Next, acts.Previous)
	}
	return err
}

// changing returns the acts that changed something.
func changing(all []reader.Act) []reader.Act {
	some := []reader.Act{}
	for _, act := range all {
		if len(act.Changes) > 0 {
			some = append(some, act)
		}
	}
	return some
}

// fit makes sure that acts can be written as JSON.
func fit(acts []reader.Act) {
	for i := range acts {
		field.Fit(&acts[i].Row)
	}
}

// printAct prints an act for people: a line, and what it changed.
func (c *historyCommand) printAct(out *bufio.Writer, act *reader.Act) {
	line := c.styled(faint, c.shown(act.ActionTime)) + gap + c.styled(strong, escape.Line(actorOf(&act.Row))) +
		gap + c.styled(actionStyle(&act.Row), escape.Line(actionOf(&act.Row)))
	if c.parts {
		line += gap + escape.Line(objectOf(&act.Row))
	}
	if len(act.Changes) == 0 && act.Remarks != "" {
		line += gap + escape.Line(act.Remarks)
	}
	_, _ = out.WriteString(line + "\n" + c.diff(act.Changes))
}

// printChanges prints a line of CSV for each change, and one for an act without.
func (c *historyCommand) printChanges(out *bufio.Writer, acts []reader.Act) error {
	names := []string{"event_id", "action_time", "actor_id", "actor_name", "action_type", "status", "object_type", "object_id"}
	w := c.newCSV(out)
	if err := w.write(append(append([]string{}, names...), "field", "before", "after")); err != nil {
		return err
	}
	for i := range acts {
		changes := acts[i].Changes
		if len(changes) == 0 {
			changes = []reader.Change{{}}
		}
		for _, change := range changes {
			var record []string
			for _, name := range names {
				record = append(record, field.Of(name)(&acts[i].Row))
			}
			if err := w.write(append(record, change.Field, string(change.Before), string(change.After))); err != nil {
				return err
			}
		}
	}
	return w.flush(out)()
}
