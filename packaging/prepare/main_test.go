package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// All that packages and archives contain is made from the repository, and the same again.
func TestRun(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "package")
	if err := run(t.Context(), "../..", folder); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"config.yaml":                              "${env:ACTIVITYLOG_DSN:-file:/var/lib/otelcol-activitylog/activity.db}",
		"completions/bash/activitylog":             "complete -o default -F __start_activitylog activitylog",
		"completions/zsh/_activitylog":             "#compdef activitylog",
		"completions/fish/activitylog.fish":        "complete -c activitylog",
		"completions/powershell/activitylog.ps1":   "Register-ArgumentCompleter",
		"otelcol-activitylog/THIRD_PARTY_LICENSES": "go.opentelemetry.io/collector/receiver/otlpreceiver v",
		"activitylog/THIRD_PARTY_LICENSES":         "github.com/spf13/cobra v",
	} {
		if text := contents(t, filepath.Join(folder, name)); !strings.Contains(text, want) {
			t.Errorf("%s has no %q", name, want)
		}
	}
	licenses := contents(t, filepath.Join(folder, "activitylog", thirdParty))
	for _, want := range []string{"Go standard library go", "Mozilla Public License"} {
		if !strings.Contains(licenses, want) {
			t.Errorf("the licences of others have no %q", want)
		}
	}
	if strings.Contains(licenses, os.TempDir()) || strings.Contains(licenses, "/pkg/mod/") {
		t.Error("the licences of others have a path of this machine")
	}
	for _, name := range []string{"activitylog/man/activitylog-tail.1.gz", "otelcol-activitylog/man/otelcol-activitylog.1.gz"} {
		checkPage(t, filepath.Join(folder, name))
	}
}

// checkPage checks that a manual page is compressed, and the same whenever it is.
func checkPage(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if !page.ModTime.IsZero() || page.Name != "" {
		t.Errorf("%s has a time or a name: %v, %q", file, page.ModTime, page.Name)
	}
	text, err := io.ReadAll(page)
	if err != nil || !strings.Contains(string(text), ".TH") {
		t.Errorf("read %s: %v: %.60s", file, err, text)
	}
}

func TestNoManual(t *testing.T) {
	empty := t.TempDir()
	if err := manual(empty, t.TempDir()); err == nil || err.Error() != "there are no manual pages in "+empty {
		t.Errorf("got %v", err)
	}
}

// The collector's manual page has each variable that the shipped configuration reads.
func TestManualHasVariables(t *testing.T) {
	page := contents(t, "../man/otelcol-activitylog.1")
	variables := regexp.MustCompile(`\$\{env:(\w+)`).FindAllStringSubmatch(contents(t, "../../collector-config.yaml"), -1)
	if len(variables) < 5 {
		t.Fatalf("got variables %q", variables)
	}
	for _, variable := range variables {
		if !regexp.MustCompile(`\b` + variable[1] + `\b`).MatchString(page) {
			t.Errorf("the page has no %s", variable[1])
		}
	}
}

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The packages' configuration has no path that depends on where the program is started, and
// differs from the shipped one in nothing else.
func TestChange(t *testing.T) {
	shipped := contents(t, "../../collector-config.yaml")
	got, err := change(shipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, relative := range []string{":-./", ":-file:activity.db", "bin/otelcol-activitylog"} {
		if strings.Contains(got, relative) {
			t.Errorf("the configuration of the packages has %q", relative)
		}
	}
	_, ours, _ := strings.Cut(got, "\nreceivers:")
	_, theirs, _ := strings.Cut(shipped, "\nreceivers:")
	differ := 0
	lines := strings.Split(theirs, "\n")
	for i, line := range strings.Split(ours, "\n") {
		if line != lines[i] {
			differ++
		}
	}
	if differ != 2 {
		t.Errorf("%d lines differ, want 2", differ)
	}
}

// A shipped configuration that has changed stops the release.
func TestChangeOfAnother(t *testing.T) {
	if _, err := change("receivers: {}\n"); err == nil || !strings.Contains(err.Error(), "has it 0 times") {
		t.Errorf("got %v", err)
	}
}
