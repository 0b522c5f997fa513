package archtest

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// programs are modules of other people's programs, which only some targets of the
// Makefile build.
const programs = "bench/telegraf|e2e/apps/programs"

// TestModulesResolve checks that the go.mod and go.sum of each module have all that its
// packages import. A sibling that imports something new needs it in every module that
// imports the sibling.
func TestModulesResolve(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "go.mod", "*/go.mod")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the modules: %v", err)
	}
	for _, file := range strings.Fields(string(out)) {
		folder := path.Dir(file)
		if (rule{except: programs}).excepts(folder) {
			continue
		}
		t.Run(folder, func(t *testing.T) {
			if message := resolve(t, filepath.Join(root, folder)); message != "" {
				t.Errorf("run go mod tidy -e in %s: %s", folder, message)
			}
		})
	}
}

// A sum that is missing is found.
func TestMissingSumIsFound(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25.0\n\nrequire golang.org/x/sync v0.24.0\n",
		"a.go":   "package m\n\nimport _ \"golang.org/x/sync/errgroup\"\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if message := resolve(t, folder); message == "" {
		t.Error("got no message about a module without go.sum")
	}
}

// resolve returns what the go command says if it cannot find what the module in a folder
// imports.
func resolve(t *testing.T, folder string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "list", "-mod=readonly", "-deps", "-test", "./...")
	cmd.Dir, cmd.Stderr = folder, &stderr
	if err := cmd.Run(); err != nil {
		return err.Error() + ": " + stderr.String()
	}
	return ""
}
