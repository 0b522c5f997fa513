package guide_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestWorkflows checks what can be checked without GitHub: the workflows are YAML,
// and each make target that they run exists.
func TestWorkflows(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	require.NoError(t, err)
	targets := 0
	for _, file := range files {
		var workflow struct {
			Jobs map[string]struct {
				Strategy struct{ Matrix struct{ Target []string } }
				Steps    []struct{ Uses, Run string }
			}
		}
		readYAML(t, file, &workflow)
		require.NotEmpty(t, workflow.Jobs, file)
		for name, job := range workflow.Jobs {
			require.NotEmpty(t, job.Steps, "%s: %s", file, name)
			wanted := job.Strategy.Matrix.Target
			for _, step := range job.Steps {
				if _, after, ok := strings.Cut(step.Run, "make "); ok && !strings.Contains(after, "matrix") {
					wanted = append(wanted, strings.Fields(after)...)
				}
			}
			for _, target := range wanted {
				require.Regexp(t, `(?m)^`+regexp.QuoteMeta(target)+`:`, string(makefile), "%s: %s", file, name)
				targets++
			}
		}
	}
	require.GreaterOrEqual(t, targets, 7)
}

// TestDependabot finds each module of the repository in .github/dependabot.yml.
func TestDependabot(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	readYAML(t, filepath.Join(root, ".github/dependabot.yml"), &config)
	listed := map[string]int{}
	for _, update := range config.Updates {
		if update.Ecosystem == "gomod" {
			for _, folder := range update.Directories {
				listed[folder]++
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "go.mod", "*/go.mod")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	modules := map[string]int{}
	for _, file := range strings.Fields(string(out)) {
		modules[path.Join("/", path.Dir(file))]++
	}
	require.Equal(t, modules, listed)
}

func readYAML(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, v), file)
}
