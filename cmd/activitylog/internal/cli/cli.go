// Package cli is the command activitylog. Each sub-command is a file with a function that
// makes it, and a line in [commands].
package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// commands make the sub-commands, in the order of the help.
var commands = []func(*app) *cobra.Command{
	newTail,
	newList,
	newShow,
	newHistory,
	newStats,
	newExport,
	newImport, newDeadLetters, newSchema, newGrant, newPrune, newCounts, newDoctor,
	newOutbox,
	newServe,
	newVersion,
}

// Main runs the command with the arguments of this process, and returns its exit code.
func Main() int {
	args := hideDSN(os.Args)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	a := newApp(os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	return a.run(ctx, args)
}

// run runs the command with arguments.
func (a *app) run(ctx context.Context, args []string) int {
	a.args = args
	root := newRoot(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.began {
		err = withCode(exitUsage, err) // cobra's, of flags and arguments
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = withCode(exitInterrupted, errInterrupted)
	}
	return a.report(err)
}

// newRoot makes the command and all its sub-commands.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "activitylog",
		Short: "Read an audit log: who did what, when, and from where",
		Long: strings.TrimSpace(`
Read the table activity_log, which the collector of activitylog writes.

Which database to read is in the environment, as for the collector:

  export ACTIVITYLOG_DSN=postgres://auditor:password@db.example.com/app
  activitylog tail

The first of these that is there says it: --dsn, the file of --config, ACTIVITYLOG_DSN
(and ACTIVITYLOG_DRIVER), the file of ACTIVITYLOG_CONFIG,
~/.config/activitylog/config.yaml, and the collector's default, file:activity.db. The
files are YAML with dsn, and if needed driver and table.

The exit code is 0 if all went well, 1 if not, 2 for wrong flags, arguments or
configuration, 3 if there is no such activity, 4 if the database cannot be opened or
lacks the table, and 130 after Ctrl-C.`),
		Version:       versionLine(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          takes(),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.began = true
			return a.prepare(cmd.Flags())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.addFlags(root.PersistentFlags())
	for _, make := range commands {
		root.AddCommand(make(a))
	}
	completeFlags(root)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	askForKnown(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.SetVersionTemplate("{{.Version}}\n")
	return root
}
