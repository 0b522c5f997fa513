package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/otelactivity/activitylog/internal/table/operate"
)

func newGrant(a *app) *cobra.Command {
	var role, account string
	cmd := &cobra.Command{
		Use:   "grant --role ROLE --to ACCOUNT",
		Short: "Print the SQL that gives an account its rights",
		Long: strings.TrimSpace(`
Print the statements that give an account the rights it needs, and no more. The owner of
the tables runs them. It needs no database, only its kind: --driver.

  collector  inserts rows, with create_schema: false
  auditor    reads rows, dead letters and views
  reader     reads rows and views: Grafana, this program, a service with the reader`),
		Example: `  activitylog grant --driver postgres --role auditor --to alice | psql "$OWNER_DSN"`,
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			if role == "" || account == "" {
				return usagef("--role and --to must say which rights, and whose")
			}
			cfg, err := a.place()
			if err != nil {
				return err
			}
			statements, err := operate.Grants(cfg, role, account)
			if err != nil {
				return operated(err)
			}
			for _, statement := range statements {
				a.say("%s\n", statement+";")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "`role` of the account: collector, auditor or reader")
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"collector", "auditor", "reader"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&account, "to", "", "`name` of the account, on MySQL also name@host")
	return cmd
}
