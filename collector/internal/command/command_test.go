package command_test

import (
	"slices"
	"testing"

	"github.com/otelactivity/activitylog/collector/internal/command"
)

func TestArgs(t *testing.T) {
	for _, c := range []struct{ args, want []string }{
		{nil, nil},
		{[]string{"explain"}, []string{}},
		{[]string{"explain", "--spans", "x"}, []string{"--spans", "x"}},
		{[]string{"help", "explain"}, []string{"--help"}},
		{[]string{"help"}, nil},
		{[]string{"help", "validate"}, nil},
		{[]string{"validate", "explain"}, nil},
		{[]string{"--config", "explain"}, nil},
	} {
		got, ok := command.Args(c.args, "explain")
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, %v; want %q", c.args, got, ok, c.want)
		}
	}
}
