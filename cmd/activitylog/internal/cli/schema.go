package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

// schemaFlags say what kind of tables there are to be.
type schemaFlags struct{ partition, cluster, late string }

func (f *schemaFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.partition, "partition", "", "PostgreSQL: size of a partition, none, month or day; by default that of the table")
	_ = cmd.RegisterFlagCompletionFunc("partition", cobra.FixedCompletions([]string{"none", "month", "day"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&f.late, "late-indexes", "", "PostgreSQL with partitions: on, off; by default that of the table (docs/databases/postgres.md)")
	_ = cmd.RegisterFlagCompletionFunc("late-indexes", cobra.FixedCompletions([]string{"on", "off"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&f.cluster, "cluster", "", "ClickHouse: `name` of the cluster, as its servers know it")
}

// place is [app.place] with these flags.
func (f *schemaFlags) place(a *app) (operate.Config, error) {
	cfg, err := a.place()
	cfg.Partition, cfg.Cluster, cfg.LateIndexes = f.partition, f.cluster, f.late
	return cfg, err
}

func newSchema(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Create, update and check the tables",
		Long: strings.TrimSpace(`
Create, update and check the tables, for collectors with create_schema: false.
Collectors with create_schema: true do the same when they start.`),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSchemaPrint(a), newSchemaApply(a), newSchemaVersion(a), newSchemaCheck(a))
	return cmd
}

func newSchemaPrint(a *app) *cobra.Command {
	var f schemaFlags
	var from int
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the SQL that creates or updates the tables",
		Long: strings.TrimSpace(`
Print the SQL that creates the tables. It needs no database, only its kind: --driver.
With --from it prints what updates the tables of an older version.`),
		Example: `  activitylog schema print --driver postgres --partition month
  activitylog schema print --driver mysql --from 4`,
		Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			cfg, err := f.place(a)
			if err != nil {
				return err
			}
			text, err := operate.Script(cfg, from)
			if err != nil {
				return operated(err)
			}
			_, err = fmt.Fprint(a.out, text)
			return err
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&from, "from", 0, "`version` that the tables have; 0 means that there are none")
	return cmd
}

func newSchemaApply(a *app) *cobra.Command {
	var f schemaFlags
	var dry bool
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Create the tables, or update them to the newest version",
		Long: strings.TrimSpace(`
Create the tables, views and indexes, or bring them to the newest version. With
partitions it also creates the next ones, and late indexes. No rows are deleted, and it
is safe to run again, or on several machines at once.`),
		Example: `  activitylog schema apply --dry-run
  activitylog schema apply --partition month`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := f.place(a)
			if err != nil {
				return err
			}
			if dry {
				return a.wouldApply(cmd.Context(), cfg)
			}
			cfg.Create = true
			t, err := a.openTable(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer t.Close()
			done, err := t.Apply(cmd.Context())
			if err != nil {
				return operated(err)
			}
			return a.applied(t, done)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be applied")
	return cmd
}

// wouldApply says what there is to apply. A file of SQLite that is not there needs all.
func (a *app) wouldApply(ctx context.Context, cfg operate.Config) error {
	var plan operate.Plan
	t, err := a.openTable(ctx, cfg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		plan.Migrations, err = operate.Migrations(cfg)
	case err == nil:
		defer t.Close()
		plan, err = t.Plan(ctx)
	}
	if err != nil {
		return operated(err)
	}
	for _, m := range plan.Migrations {
		a.say("would apply %s\n", m.Name)
	}
	for _, name := range plan.Partitions {
		a.say("would create the partition %s\n", name)
	}
	for _, do := range plan.Indexes {
		a.say("would %s\n", do)
	}
	if len(plan.Migrations)+len(plan.Partitions)+len(plan.Indexes) == 0 {
		a.say("%s\n", "the newest version is there; nothing would be changed")
	}
	return nil
}

// applied says what was done.
func (a *app) applied(t *operate.Table, done operate.Applied) error {
	for _, m := range done.Migrations {
		a.say("applied %s\n", m.Name)
	}
	for _, name := range done.Partitions {
		a.say("created the partition %s\n", name)
	}
	if len(done.Migrations)+len(done.Partitions) > 0 || done.Indexes {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "%s has the newest version; nothing was changed\n", t.Name())
	return err
}

func newSchemaVersion(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the tables, and that of this program",
		Args:  takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.onlyFormats(formatTable, formatJSON, formatJSONL); err != nil {
				return err
			}
			return a.withTable(cmd.Context(), func(t *operate.Table) error {
				v, err := t.Versions(cmd.Context())
				if err != nil {
					return err
				}
				if a.flags.format != formatTable {
					return a.json(v)
				}
				has := fmt.Sprint("version ", v.Database)
				if v.Database == 0 {
					has = "no version"
				}
				_, err = fmt.Fprintf(a.out, "%s: %s in the database, version %d in this program\n", t.Name(), has, v.Program)
				return err
			})
		},
	}
	a.addFormat(cmd.Flags())
	return cmd
}

func newSchemaCheck(a *app) *cobra.Command {
	var f schemaFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare the tables with the schema of this program",
		Long:  "Compare the tables with the schema of this program. The exit code is 1 if anything is not ok.",
		Args:  takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := f.place(a)
			if err != nil {
				return err
			}
			t, err := a.openTable(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer t.Close()
			return a.findings(t.Check(cmd.Context()), true)
		},
	}
	f.add(cmd)
	a.addFormat(cmd.Flags())
	return cmd
}
