package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

func newTail(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "tail",
		Short: "Show new rows as they come",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer r.Close()
			return errors.New("not built yet")
		},
	}
}
