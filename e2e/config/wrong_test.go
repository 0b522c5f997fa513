// Package config_test gives wrong configurations to the real collector.
package config_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

var update = flag.Bool("update", false, "write testdata/wrong.txt")

const (
	mistakes = 22
	golden   = "testdata/wrong.txt"
)

// TestValidatePrintsEveryMistake has a line for each mistake, with its path once and
// with what is allowed, and no secret.
func TestValidatePrintsEveryMistake(t *testing.T) {
	output := run(t, "validate")
	if *update {
		if err := os.WriteFile(golden, []byte(output), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if output != string(want) {
		t.Errorf("validate prints\n%s\nwant\n%s", output, want)
	}
	if n := strings.Count(output, "\n"); n != mistakes {
		t.Errorf("%d lines, want %d", n, mistakes)
	}
	for line := range strings.Lines(output) {
		path, message, _ := strings.Cut(line, ": ")
		if !strings.Contains(path, "::") || strings.Contains(message, path) {
			t.Errorf("the path is not there once: %s", line)
		}
	}
	if strings.Contains(output, "hunter2") {
		t.Errorf("a secret is printed:\n%s", output)
	}
}

// TestWrongConfigurationDoesNotStart runs the collector without validate.
func TestWrongConfigurationDoesNotStart(t *testing.T) {
	if output := run(t); !strings.Contains(output, `drop_other"; did you mean "drop_others"?`) {
		t.Errorf("the collector prints\n%s", output)
	}
}

// run returns the lines that the collector prints about the configuration, sorted: it
// reads the maps of the configuration in any order.
func run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, collectortest.Binary(t), append(args, "--config=testdata/wrong.yaml")...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Fatalf("the collector ended with %v, want an exit status\n%s", err, output.String())
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	lines[0] = strings.TrimPrefix(lines[0], "Error: ")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}
