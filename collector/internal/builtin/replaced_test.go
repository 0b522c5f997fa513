package builtin

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReplaced(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	base := write("base.yaml", "processors: {activity: {rules: [{preset: http_server}]}, activity/b: {rules: []}}")
	more := write("more.yaml", "processors: {activity: {rules: [{name: a, level: none}]}}")
	adds := write("adds.yaml", "processors: {activity: {rules/x: [{name: a, level: none}]}}")
	broken := write("broken.yaml", "processors: [")
	line := "processors::activity::rules of " + more + " replaces that of " + base + "; rules/NAME is added instead"
	for name, c := range map[string]struct{ args, want []string }{
		"one file":       {[]string{"otelcol", "--config", base}, nil},
		"two files":      {[]string{"otelcol", "--config", base, "--config=" + more}, []string{line}},
		"a file: prefix": {[]string{"otelcol", "--config=" + base, "-config=file:" + more}, []string{"processors::activity::rules of file:" + more + " replaces that of " + base + "; rules/NAME is added instead"}},
		"added":          {[]string{"otelcol", "--config", base, "--config", adds}, nil},
		"not readable":   {[]string{"otelcol", "--config", base, "--config", broken, "--config", filepath.Join(dir, "none"), "--config"}, nil},
		"in the command line": {[]string{"otelcol", "--config", base, "--config=yaml:processors::activity::rules: []"},
			[]string{"processors::activity::rules of a configuration in the command line replaces that of " + base + "; rules/NAME is added instead"}},
	} {
		if got := Replaced(c.args); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
