package guide_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNothingIsInstalled runs the scripts that install what tests start, where
// nothing is installed and nothing may be. Each says which tests are skipped, and
// fails when CI=true.
func TestNothingIsInstalled(t *testing.T) {
	tools := t.TempDir() // all that the scripts themselves need
	for _, name := range []string{"sh", "dirname", "id", "ls", "uname", "cmp", "tr"} {
		path, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(tools, name)))
	}
	installer := "#!/bin/sh\necho THE INSTALLER RAN\n"
	require.NoError(t, os.WriteFile(filepath.Join(tools, "apt-get"), []byte(installer), 0o700))
	for script, skipped := range map[string]string{
		"databases.sh":  "NOT INSTALLED: mariadb-server. SKIPPED: ",
		"chdb.sh":       "NOT INSTALLED: the ClickHouse engine",
		"node.sh":       "NOT INSTALLED: nodejs npm",
		"prometheus.sh": "NOT INSTALLED: prometheus. SKIPPED: the test of examples/prometheus",
		"browser.sh":    "NOT INSTALLED: chromium. SKIPPED: ",
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
			require.NoError(t, err, out)
			require.Contains(t, out, skipped)
			require.NotContains(t, out, "INSTALLER")
			kept, err := os.ReadFile(list)
			require.NoError(t, err)
			require.Contains(t, string(kept), skipped, "make test repeats it at its end")

			out, err = run("true")
			require.Error(t, err, out)
			require.Contains(t, out, skipped)
		})
	}
}
