package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newPrune(a *app) *cobra.Command {
	var before string
	var dry, yes bool
	cmd := &cobra.Command{
		Use:   "prune --before TIME",
		Short: "Remove old rows and dead letters",
		Long: strings.TrimSpace(`
Remove the rows, and the dead letters, that are older than a time. A row is old if its
action_time and its recorded_at both are. With partitions, those that end before the
time are dropped; older rows of the partition that has the time in it stay.

It asks before it removes anything. Without a terminal it needs --yes.`),
		Example: `  activitylog prune --before 400d --dry-run
  activitylog prune --before 2025-01-01 --yes`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if before == "" {
				return usagef("--before must say which time: %s", forms)
			}
			at, err := a.parseWhen(before)
			if err != nil {
				return usagef("--before %w", err)
			}
			if at.After(a.now()) {
				return usagef("--before must be in the past; got %s", at.Format(time.RFC3339))
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				old, err := t.CountOld(cmd.Context(), at)
				if err != nil {
					return err
				}
				a.sayOld(&old)
				if dry || old.Nothing() {
					return nil
				}
				if err := a.confirm(yes, fmt.Sprintf("remove them from %s for ever", t.Name())); err != nil {
					return err
				}
				if err := t.Prune(cmd.Context(), at); err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.out, "removed")
				return err
			})
		},
	}
	cmd.Flags().StringVar(&before, "before", "", "remove what is older than this `time`: 400d, 2026-01-01")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only count")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// sayOld says what is old.
func (a *app) sayOld(old *operate.Old) {
	a.say("older: %s, %s\n", count(old.Rows, "row"), count(old.Letters, "dead letter"))
	for _, p := range old.Partitions {
		a.say("older: the partition %s with %s, from %s until %s\n", p.Name, count(p.Rows, "row"),
			p.Begin.Format(time.DateOnly), p.End.Format(time.DateOnly))
	}
	if p := old.Kept; p != nil {
		a.say("stays: the partition %s with %s, which ends on %s\n", p.Name, count(p.Rows, "row"), p.End.Format(time.DateOnly))
	}
}
