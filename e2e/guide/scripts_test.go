package guide_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingIsInstalled runs the scripts that install what tests start, where
// nothing is installed and nothing may be. Each says which tests are skipped, and
// fails when CI=true.
func TestNothingIsInstalled(t *testing.T) {
	tools := t.TempDir() // all that the scripts themselves need
	for _, name := range []string{"sh", "dirname", "id", "ls", "uname", "cmp", "tr"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	installer := "#!/bin/sh\necho THE INSTALLER RAN\n"
	if err := os.WriteFile(filepath.Join(tools, "apt-get"), []byte(installer), 0o700); err != nil {
		t.Fatal(err)
	}
	for script, skipped := range map[string]string{
		"databases.sh":  "NOT INSTALLED: mariadb-server. SKIPPED: ",
		"chdb.sh":       "NOT INSTALLED: the ClickHouse engine",
		"node.sh":       "NOT INSTALLED: nodejs npm",
		"prometheus.sh": "NOT INSTALLED: prometheus. SKIPPED: the test of examples/prometheus",
		"browser.sh":    "NOT INSTALLED: chromium. SKIPPED: ",
		"axe.sh":        "NOT INSTALLED: npm",
		"packaging.sh":  "NOT INSTALLED: rpm. SKIPPED: the tests of packages that use it",
	} {
		t.Run(script, func(t *testing.T) {
			list := filepath.Join(t.TempDir(), "skipped")
			run := func(ci string) (string, error) {
				cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(root, "scripts", script))
				cmd.Env = []string{"PATH=" + tools, "HOME=" + t.TempDir(), "CI=" + ci, "ACTIVITYLOG_NO_INSTALL=1", "ACTIVITYLOG_SKIPPED=" + list}
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			out, err := run("")
			if err != nil {
				t.Fatalf("%v: %v", out, err)
			}
			if !strings.Contains(out, skipped) {
				t.Fatalf("%q is not in:\n%s", skipped, out)
			}
			if strings.Contains(out, "INSTALLER") {
				t.Fatalf("%q is in:\n%s", "INSTALLER", out)
			}
			kept, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(kept); !strings.Contains(got, skipped) {
				t.Fatalf("make test repeats it at its end: %q is not in:\n%s", skipped, got)
			}

			out, err = run("true")
			if err == nil {
				t.Fatalf("%v: got no error", out)
			}
			if !strings.Contains(out, skipped) {
				t.Fatalf("%q is not in:\n%s", skipped, out)
			}
		})
	}
}
