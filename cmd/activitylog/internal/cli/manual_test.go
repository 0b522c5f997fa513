package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestManual compares the pages with what is generated: make generate writes them.
func TestManual(t *testing.T) {
	folder := t.TempDir()
	if err := WriteManual(folder); err != nil {
		t.Fatal(err)
	}
	generated, err := filepath.Glob(filepath.Join(folder, "*.1"))
	if err != nil || len(generated) < 9 {
		t.Fatalf("got %v, %v", generated, err)
	}
	const kept = "../../man"
	for _, file := range generated {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(kept, filepath.Base(file))); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the commands say, run make generate: %v", filepath.Base(file), err)
		}
	}
	if all, _ := filepath.Glob(kept + "/*"); len(all) != len(generated) {
		t.Errorf("got %d pages, want %d: delete what no command has", len(all), len(generated))
	}
	if err := WriteManual("/dev/null/x"); err == nil {
		t.Error("no folder: no error")
	}
}

// TestHelp: each command and flag says what it is for, and each command has an example.
func TestHelp(t *testing.T) {
	root := newRoot(testApp(t, ""))
	for _, cmd := range root.Commands() {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q", cmd.Name(), cmd.Short)
		}
		if cmd.Name() != "version" && cmd.Name() != "help" && !cmd.HasSubCommands() && !strings.Contains(cmd.Example, "activitylog "+cmd.Name()) {
			t.Errorf("%s has no example", cmd.Name())
		}
		for line := range strings.Lines(cmd.Long) {
			if len(line) > 90 {
				t.Errorf("%s: a line is too long: %s", cmd.Name(), line)
			}
		}
	}
}

// TestExamples: the flags of the examples exist.
func TestExamples(t *testing.T) {
	checked := 0
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		for _, flag := range regexp.MustCompile(` --([a-z-]+)`).FindAllStringSubmatch(cmd.Example, -1) {
			if checked++; cmd.Flags().Lookup(flag[1]) == nil && cmd.InheritedFlags().Lookup(flag[1]) == nil {
				t.Errorf("%s has no --%s", cmd.Name(), flag[1])
			}
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot(testApp(t, "")))
	if checked < 10 {
		t.Errorf("checked %d flags", checked)
	}
}
