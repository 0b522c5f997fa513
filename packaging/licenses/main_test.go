package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The command's licences are listed, and one that is not allowed is an error that names it.
func TestRun(t *testing.T) {
	shipped, err := os.ReadFile("allowed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, allowed, want string }{
		{"all", string(shipped), ""},
		{"one less", strings.ReplaceAll(string(shipped), "\nMPL-2.0", "\n#"), "github.com/go-sql-driver/mysql MPL-2.0"},
		{"an exception less", strings.ReplaceAll(string(shipped), "modernc.org/memory unknown", ""), "modernc.org/memory unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "allowed.txt"), []byte(test.allowed), 0o600); err != nil {
				t.Fatal(err)
			}
			err := run(t.Context(), folder, "../..", []string{"cmd/activitylog"})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			list, err := os.ReadFile(filepath.Join(folder, "licenses.tsv"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(list), "github.com/spf13/cobra\tv") || !strings.Contains(string(list), "\tApache-2.0\tcmd/activitylog\n") {
				t.Errorf("the list has no cobra, or not by whom it is used:\n%s", list)
			}
		})
	}
}

// Comments are no licences.
func TestReadAllowed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "allowed.txt")
	if err := os.WriteFile(file, []byte("# a list\nMIT # short\n\nexample.com/m unknown\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	allowed, err := readAllowed(file)
	if err != nil || len(allowed) != 2 || !allowed["MIT"] || !allowed["example.com/m unknown"] {
		t.Errorf("got %v, %v", allowed, err)
	}
	if _, err := readAllowed(file + ".none"); err == nil {
		t.Error("got no error about a list that is not there")
	}
}
