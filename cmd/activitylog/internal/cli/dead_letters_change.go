package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/escape"
	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newLettersRetry(a *app) *cobra.Command {
	var f letterFlags
	var dry bool
	cmd := &cobra.Command{
		Use:   "retry [ID...]",
		Short: "Put rows back into the table, after the cause was fixed",
		Long: strings.TrimSpace(`
Write the rows of dead letters to the table, and delete these dead letters, in one
transaction. A row that is in the table already is not written again. Conflicts, and
rows that the database still rejects, stay dead letters; then the exit code is 1.`),
		Example: `  activitylog dead-letters retry --all --dry-run
  activitylog dead-letters retry --reason "CHECK constraint"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := f.chosen(a, args, true)
			if err != nil {
				return err
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				counts, err := t.Retry(cmd.Context(), chosen, dry, func(l operate.Letter, outcome operate.Outcome, why string) {
					a.note("%s stays, %s: %s\n", l.ID, outcome, a.clean(escape.Line(why)))
				})
				if err != nil && len(counts) == 0 {
					return err
				}
				return errors.Join(a.sayRetried(counts, chosen, dry), err)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "all dead letters, except conflicts")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be done")
	return cmd
}

// sayRetried says what was done. The error says that dead letters stay, or were not
// found.
func (a *app) sayRetried(counts operate.Retried, chosen operate.Letters, dry bool) error {
	verb := "put back"
	if dry {
		verb = "would be put back"
	}
	stay := counts[operate.Conflicting] + counts[operate.Rejected] + counts[operate.Unreadable]
	a.say("%s %s, %d were in the table already, %d stay\n", count(counts[operate.Written], "row"), verb, counts[operate.There], stay)
	if err := missing(counts[operate.Written]+counts[operate.There]+stay, chosen); err != nil {
		return err
	}
	if stay > 0 {
		verb := "stay"
		if stay == 1 {
			verb = "stays"
		}
		return fmt.Errorf("%s %s; \"activitylog dead-letters show ID\" shows it", count(stay, "dead letter"), verb)
	}
	return nil
}

// missing is the error of ids of which no dead letters were found.
func missing(found int, chosen operate.Letters) error {
	named := len(chosen.IDs)
	if found >= named {
		return nil
	}
	which := "dead letters"
	if chosen.Reason != "" || !chosen.Since.IsZero() || !chosen.Until.IsZero() {
		which += " that the flags choose"
	}
	return withCode(exitNotFound, fmt.Errorf("%d of the %d ids are not those of %s", named-found, named, which))
}

func newLettersDrop(a *app) *cobra.Command {
	var f letterFlags
	var dry, yes bool
	cmd := &cobra.Command{
		Use:   "drop [ID...]",
		Short: "Delete dead letters for ever",
		Long: strings.TrimSpace(`
Delete dead letters. What they say is lost then: put back what belongs into the table
first. It asks before it deletes. Without a terminal it needs --yes.`),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := f.chosen(a, args, true)
			if err != nil {
				return err
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error { return a.drop(cmd, t, chosen, dry, yes) })
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "all dead letters")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only count")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) drop(cmd *cobra.Command, t *operate.Table, chosen operate.Letters, dry, yes bool) error {
	n, conflicts := 0, 0
	for l, err := range t.Letters(cmd.Context(), chosen) {
		if err != nil {
			return err
		}
		n++
		if l.Conflict() {
			conflicts++
		}
	}
	a.say("%s, of which %d are conflicts\n", count(n, "dead letter"), conflicts)
	others := missing(n, chosen)
	if n == 0 || dry {
		return others
	}
	if err := a.confirm(yes, "delete them for ever"); err != nil {
		return err
	}
	n, err := t.Drop(cmd.Context(), chosen)
	a.say("deleted %s\n", count(n, "dead letter"))
	if err != nil {
		return err
	}
	return others
}
