package guide_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelactivity/activitylog/internal/collectortest"
)

// Each command is of a kind that is checked here, or its page says that it was not
// run.
func TestCommands(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	known := 0
	for file, page := range pages(t) {
		for _, command := range commands(page) {
			switch words := strings.Fields(command); {
			case strings.HasSuffix(file, "getting-started.md"): // TestGettingStarted runs it
			case words[0] == "make":
				for _, target := range words[1:] {
					require.Regexp(t, `(?m)^(`+target+`|\$\(BLOG\)):`, string(makefile), "%s: %s", file, command)
				}
			case strings.Contains(command, "otelcol-activitylog ") && strings.Contains(command, "--config"):
				validate(t, file, command)
			case strings.HasPrefix(command, "prometheus --config.file "): // its own test runs it
				require.FileExists(t, filepath.Join(root, words[2]))
			case strings.HasPrefix(command, "bin/jaeger "): // started with these by its own test
				server, err := os.ReadFile("../jaeger/server_test.go")
				require.NoError(t, err)
				for _, option := range words[1:] {
					name, _, _ := strings.Cut(option, "=")
					require.Contains(t, string(server), name+"=", command)
				}
			case strings.HasPrefix(command, "cd "), strings.HasPrefix(command, "sqlite3 "), strings.Contains(command, "manage.py"),
				strings.HasPrefix(command, "./"), strings.HasPrefix(command, "FROM activity_log"): // of the shell, or run by the tests of its page
			case strings.HasPrefix(command, "apt-get install "):
				require.True(t, inScripts(t, words[2]), "%s: no script installs %s", file, words[2])
			default:
				require.Regexp(t, `(?i)not run`, page, "%s: nothing runs %q, and the page does not say so", file, command)
			}
			known++
		}
	}
	require.Greater(t, known, 20)
}

// validate lets the collector look at the configuration files that a command names.
func validate(t *testing.T, file, command string) {
	t.Helper()
	args := []string{"validate"}
	for _, match := range regexp.MustCompile(`--config[ =](\S+)`).FindAllStringSubmatch(command, -1) {
		args = append(args, "--config="+match[1])
	}
	cmd := exec.CommandContext(t.Context(), collectortest.Binary(t), args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "ELASTICSEARCH_API_KEY=x")
	for _, match := range regexp.MustCompile(`\b([A-Z][A-Z_]+)=(\S+)`).FindAllStringSubmatch(command, -1) {
		cmd.Env = append(cmd.Env, match[1]+"="+match[2])
	}
	out, err := cmd.CombinedOutput()
	if strings.Contains(command, "TLS_CERT") {
		return // its own test has certificates
	}
	require.NoError(t, err, "%s: %s\n%s", file, command, out)
}

func inScripts(t *testing.T, name string) bool {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(root, "scripts", "*.sh"))
	require.NoError(t, err)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		require.NoError(t, err)
		if strings.Contains(string(text), name) {
			return true
		}
	}
	return false
}

// Tests that pages tell readers to run are there.
func TestNamedTests(t *testing.T) {
	named := regexp.MustCompile("`cd ([\\w/-]+) && go test ([^`]*)`")
	for file, page := range pages(t) {
		for _, match := range named.FindAllStringSubmatch(page, -1) {
			for _, word := range strings.Fields(match[2]) {
				if strings.HasPrefix(word, "./") && word != "./..." {
					require.DirExists(t, filepath.Join(root, match[1], word), "%s: %s", file, match[0])
				}
			}
			require.DirExists(t, filepath.Join(root, match[1]), "%s: %s", file, match[0])
		}
	}
}

// Links within the repository lead to files that there are, and to headings.
func TestLinks(t *testing.T) {
	all := pages(t)
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	checked := 0
	for file, page := range all {
		for _, match := range link.FindAllStringSubmatch(page, -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(match[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", file, match[1], err)
				continue
			}
			if text, isPage := all[target]; isPage && heading != "" && !anchors(text)[heading] {
				t.Errorf("%s links to %s, where no heading is called that", file, match[1])
			}
			checked++
		}
	}
	require.Greater(t, checked, 150)
}

// anchors are the names that GitHub gives to headings.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}

// What docs/instrumenting.md calls by name, package instrument has.
func TestNames(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "instrumenting.md"))
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(root, "instrument", "*.go"))
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		code.Write(text)
	}
	names := regexp.MustCompile("`(?:instrument\\.)?((?:With|Set|Record|New|Inner|Skip)\\w*)`").FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(names), 10)
	for _, name := range names {
		require.Regexp(t, `(func (\(\w+ \*?\w+\) )?|type )`+name[1]+`\b`, code.String())
	}
}
