package guide_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestWorkflows checks what can be checked without GitHub: the workflows are YAML,
// and each make target that they run exists.
func TestWorkflows(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	targets := 0
	for _, file := range files {
		var workflow struct {
			Jobs map[string]struct {
				Strategy struct{ Matrix struct{ Target []string } }
				Steps    []struct{ Uses, Run string }
			}
		}
		readYAML(t, file, &workflow)
		if len(workflow.Jobs) == 0 {
			t.Fatalf("%v: got nothing", file)
		}
		for name, job := range workflow.Jobs {
			if len(job.Steps) == 0 {
				t.Fatalf("%s: %s: got nothing", file, name)
			}
			wanted := job.Strategy.Matrix.Target
			for _, step := range job.Steps {
				if _, after, ok := strings.Cut(step.Run, "make "); ok && !strings.Contains(after, "matrix") {
					wanted = append(wanted, strings.Fields(after)...)
				}
			}
			for _, target := range wanted {
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(string(makefile)) {
					t.Fatalf("%s: %s: %q does not match %s", file, name, string(makefile), `(?m)^`+regexp.QuoteMeta(target)+`:`)
				}
				targets++
			}
		}
	}
	if targets < 7 {
		t.Fatalf("targets: got %v, want at least %v", targets, 7)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]int{}
	for _, file := range strings.Fields(string(out)) {
		modules[path.Join("/", path.Dir(file))]++
	}
	if !reflect.DeepEqual(listed, modules) {
		t.Fatalf("listed: got %v, want %v", listed, modules)
	}
}

func readYAML(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, v); err != nil {
		t.Fatalf("%v: %v", file, err)
	}
}
