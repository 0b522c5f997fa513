package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryTextFlagNeedsAValue gives an empty value to each flag of each sub-command
// that takes text. Flags that are added later are in it.
func TestEveryTextFlagNeedsAValue(t *testing.T) {
	tried := 0
	visit(newRoot(newApp(nil, nil, nil, nil)), func(cmd *cobra.Command) {
		flags := map[string]bool{}
		add := func(f *pflag.Flag) {
			_, list := f.Value.(pflag.SliceValue)
			flags[f.Name] = flags[f.Name] || list || f.Value.Type() == "string"
		}
		cmd.LocalFlags().VisitAll(add)
		cmd.InheritedFlags().VisitAll(add)
		for name, text := range flags {
			if !text || cmd.Name() == "help" {
				continue
			}
			tried++
			set := pflag.NewFlagSet("", pflag.ContinueOnError)
			fresh := newRoot(newApp(nil, nil, nil, nil))
			found, _, err := fresh.Find(strings.Fields(cmd.CommandPath())[1:])
			if err != nil {
				t.Fatal(err)
			}
			found.InheritedFlags() // merges them
			set.AddFlag(found.Flag(name))
			if err := checkGiven(set); err != nil {
				t.Errorf("%s --%s is rejected though it was not given: %v", cmd.CommandPath(), name, err)
			}
			if err := set.Set(name, ""); err != nil {
				continue // its own check
			}
			if err := checkGiven(set); err == nil || exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--"+name+" must not be empty") {
				t.Errorf("%s --%s '': got %v", cmd.CommandPath(), name, err)
			}
		}
	})
	if tried < 100 {
		t.Errorf("tried only %d flags", tried)
	}
}

func visit(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		visit(sub, do)
	}
}

func TestArguments(t *testing.T) {
	for args, want := range map[string]string{
		"show":                        "ID must be given: activitylog show ID",
		"show a b":                    "the form is activitylog show ID; got 2 arguments",
		"history":                     "TYPE and ID must be given: activitylog history TYPE ID",
		"history article":             "the form is activitylog history TYPE ID; got 1 argument",
		"import":                      "FILE must be given: activitylog import FILE",
		"list alice":                  `activitylog list takes no arguments; got "alice"`,
		"dead-letters drp":            `unknown command "drp" of "activitylog dead-letters"`,
		"dead-letters show":           "ID must be given: activitylog dead-letters show ID",
		"prune --before 400d 2 3 4 5": `activitylog prune takes no arguments; got "2"`,
	} {
		var out, err strings.Builder
		a := newApp(strings.NewReader(""), &out, &err, func(string) string { return "" })
		code := a.run(t.Context(), strings.Fields(args))
		if code != exitUsage || !strings.HasPrefix(err.String(), "activitylog: "+want+"\n") || out.String() != "" {
			t.Errorf("%s: code %d, %q; want %q", args, code, err.String(), want)
		}
	}
}
