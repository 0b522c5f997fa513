package cli

import (
	"errors"

	"github.com/spf13/cobra"
)

func newHistory(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "history TYPE ID",
		Short: "Show what was done to an object, with its changes",
		Args:  cobra.ExactArgs(2),
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
