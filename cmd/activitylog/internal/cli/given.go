package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// checkGiven rejects flags that were given without a value. In a script, --actor "$ID"
// with a variable that is not set would otherwise choose all rows, and a dead letter
// could be deleted that nobody meant.
func checkGiven(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if err == nil && isEmpty(f.Value) {
			err = usagef("--%s must not be empty: give it a value, or leave it out", f.Name)
		}
	})
	return err
}

// isEmpty reports that a flag of text, or of a list of texts, has none.
func isEmpty(v pflag.Value) bool {
	if list, ok := v.(pflag.SliceValue); ok {
		return len(list.GetSlice()) == 0 || slices.Contains(list.GetSlice(), "")
	}
	return v.Type() == "string" && v.String() == ""
}

// kinds says in words what the flags of a type take.
var kinds = map[string]string{
	"int":      "a whole number",
	"duration": `a duration, such as "30s", "5m" or "1h"`,
	"bool":     `"true" or "false"`,
}

// flagError says what a flag takes, where the flags' own error is that of a parser of Go.
func flagError(err error) error {
	wrong := new(pflag.InvalidValueError)
	if !errors.As(err, &wrong) {
		return err
	}
	flag := wrong.GetFlag()
	name, takes := "--"+flag.Name, kinds[flag.Value.Type()]
	switch {
	case takes == "":
		return err
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s has a number that is too large: %.64q", name, wrong.GetValue())
	}
	return fmt.Errorf("%s must be %s; got %.64q", name, takes, wrong.GetValue())
}

// takes checks the arguments of a sub-command, which must be one for each name. Without
// names it takes none.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch form := strings.Join(append([]string{cmd.CommandPath()}, names...), " "); {
		case len(args) == len(names):
			return nil
		case len(names) == 0 && cmd.HasSubCommands():
			return fmt.Errorf("unknown command %.64q of %q", args[0], form)
		case len(names) == 0:
			return fmt.Errorf("%s takes no arguments; got %.64q", form, args[0])
		case len(args) == 0:
			return errors.New(strings.Join(names, " and ") + " must be given: " + form)
		default:
			return fmt.Errorf("the form is %s; got %s", form, count(len(args), "argument"))
		}
	}
}
