package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// choices are what a shell offers for the values of flags, on every sub-command that has
// the flag.
func choices() map[string][]string {
	var actions []string
	for _, action := range activity.ActionTypes() {
		actions = append(actions, string(action))
	}
	return map[string][]string{
		"action":        actions,
		"actor-type":    {"user", "service", "system", "anonymous"},
		"by":            append([]string{"hour", "day", "week", "month"}, field.Countable()...),
		"columns":       field.Names(),
		"driver":        drivers.Drivers(),
		"format":        {"csv", "jsonl", "parquet"},
		"output-format": {formatTable, formatJSON, formatJSONL, formatCSV},
		"since":         {"1h", "24h", "7d", "30d", "today", "yesterday"},
		"source":        {string(activity.SourceDeclared), string(activity.SourceDerived)},
		"status":        {string(activity.StatusSuccess), string(activity.StatusFailed)},
		"time-zone":     {"local", "UTC"},
	}
}

// completeFlags offers the choices for the flags of a command and its sub-commands. Files
// are offered for the flags that name one.
func completeFlags(cmd *cobra.Command) {
	for name, values := range choices() {
		if flag := cmd.Flags().Lookup(name); flag == nil && cmd.PersistentFlags().Lookup(name) == nil {
			continue
		}
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, name := range []string{"actor", "tenant", "object", "text", "data", "cursor", "trace", "session", "address", "service", "until", "table"} {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
		}
	}
	for _, sub := range cmd.Commands() {
		completeFlags(sub)
	}
}

// askForKnown makes errors of unknown words after cobra's own commands. Cobra prints a help for
// them, with exit code 0, which a script would put into a file.
func askForKnown(root *cobra.Command) {
	root.InitDefaultCompletionCmd() // what it prints goes to the output that root has by now
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) == 0 {
					return nil
				}
				var shells []string
				for _, shell := range cmd.Commands() {
					shells = append(shells, fmt.Sprintf("%q", shell.Name()))
				}
				return fmt.Errorf("the shell must be one of %s; got %.64q", strings.Join(shells, ", "), args[0])
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, unknown, err := root.Find(args); err != nil || len(unknown) > 0 {
					return fmt.Errorf("there is no command %.64q", "activitylog "+strings.Join(args, " "))
				}
				return nil
			}
		}
	}
}
