package guide_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// Each command is of a kind that is checked here, or its section says that it was
// not run.
func TestCommands(t *testing.T) {
	known := 0
	for file, page := range pages(t) {
		for _, section := range regexp.MustCompile(`(?m)^#+ `).Split(page, -1) {
			for _, command := range commands(section) {
				checkCommand(t, file, section, command)
				known++
			}
		}
	}
	if known <= 20 {
		t.Fatalf("known: got %v, want more than %v", known, 20)
	}
}

func checkCommand(t *testing.T, file, section, command string) {
	t.Helper()
	words := strings.Fields(command)
	switch {
	case strings.HasSuffix(file, "getting-started.md"), file == filepath.Join(root, "README.md"):
		return // TestGettingStarted runs them
	case file == filepath.Join(root, "docs/develop/go-services.md") && words[0] == "go",
		file == filepath.Join(root, "docs/operate/install.md") && (strings.HasPrefix(section, "go install\n") || strings.HasPrefix(section, "Your own collector\n")):
		page := strings.TrimPrefix(file, root+"/")
		if got := contents(t, "internal/release/newcomer/pages_test.go"); !strings.Contains(got, `"`+page+`"`) {
			t.Fatalf("%s: nothing runs %q", file, command)
		}
	case file == filepath.Join(root, "docs/maintain/release.md") && strings.HasPrefix(section, "To give it up\n"):
		if got := contents(t, "internal/release/prepare/prepare_test.go"); !strings.Contains(got, "To give it up") {
			t.Fatalf("%s: nothing runs %q", file, command)
		}
	case strings.HasPrefix(section, "Try it: verdaccio"):
		return // TestNewcomer of e2e/apps runs them
	case file == filepath.Join(root, operatorPage) && words[0] == "export":
		return // TestOperator runs it
	case file == filepath.Join(root, apiPage) && words[0] == "curl":
		return // TestAPI runs it
	case strings.HasSuffix(file, "audit/command.md") && !strings.HasPrefix(section, "Completion"):
		if got := contents(t, "cmd/activitylog/page_test.go"); !strings.Contains(got, "audit/command.md") {
			t.Fatalf("%s: nothing runs its commands", file)
		}
	case words[0] == "activitylog" || words[0] == "bin/activitylog":
		checkActivitylog(t, file, command)
	case words[0] == "make":
		for _, target := range words[1:] {
			if strings.Contains(target, "=") {
				continue // a variable
			}
			if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(contents(t, "Makefile")) {
				t.Fatalf("%s: %s: %q does not match %s", file, command, contents(t, "Makefile"), `(?m)^`+target+`:`)
			}
		}
	case strings.Contains(command, "TLS_CERT="): // examples/tls has certificates
		if got := contents(t, "examples/tls/tls_test.go"); !strings.Contains(got, `"--config=tls.yaml"`) {
			t.Fatalf("%q is not in:\n%s", `"--config=tls.yaml"`, got)
		}
	case strings.HasSuffix(file, "operate/scale.md") && strings.HasPrefix(section, "Two collectors") && words[0] != "bin/activitylog":
		if got := contents(t, "e2e/scale/page_test.go"); !strings.Contains(got, "operate/scale.md") {
			t.Fatalf("%s: nothing runs %q", file, command)
		}
	case strings.Contains(command, "otelcol-activitylog ") && strings.Contains(command, "--config"):
		validate(t, file, ownFiles(t, section, command))
	case strings.HasPrefix(command, "prometheus --config.file "):
		if got := contents(t, "examples/prometheus/prometheus_test.go"); !strings.Contains(got, `"check", "config", "`+filepath.Base(words[2])+`"`) {
			t.Fatalf("%q is not in:\n%s", `"check", "config", "`+filepath.Base(words[2])+`"`, got)
		}
		if _, err := os.Stat(filepath.Join(root, words[2])); err != nil {
			t.Fatalf("%v", err)
		}
	case words[0] == "bin/jaeger": // its own test starts it with these
		for _, option := range words[1:] {
			name, _, _ := strings.Cut(option, "=")
			if got := contents(t, "examples/jaeger/server_test.go"); !strings.Contains(got, name+"=") {
				t.Fatalf("%v: %q is not in:\n%s", command, name+"=", got)
			}
		}
	case strings.Contains(command, "manage.py"): // as does that of the Django admin
		for _, match := range regexp.MustCompile(`manage\.py (\w+)`).FindAllStringSubmatch(command, -1) {
			if got := contents(t, "examples/django_admin/site_test.go"); !strings.Contains(got, `"`+match[1]+`"`) {
				t.Fatalf("%v: %q is not in:\n%s", command, `"`+match[1]+`"`, got)
			}
		}
	case strings.HasPrefix(command, "go run ./outbox "): // its own test runs it with these
		for _, word := range words[3:] {
			if got := contents(t, "examples/outbox/outbox_test.go"); !strings.Contains(got, `"`+word) && word != "shop.db" {
				t.Fatalf("%v: %q is not in:\n%s", command, word, got)
			}
		}
	case strings.HasPrefix(command, "go run ./feed "), strings.HasPrefix(command, "curl -u "):
		if !strings.HasSuffix(file, "feed.md") { // TestFeed runs those
			t.Fatalf("%s: nothing runs %q", file, command)
		}
	case words[0] == "cd" && len(words) == 2:
		if _, err := os.Stat(filepath.Join(root, words[1])); err != nil {
			t.Fatalf("%v: %v", file, err)
		}
	case strings.HasPrefix(words[0], "./"): // by the Makefile, which CI runs
		script := strings.TrimPrefix(filepath.Join(filepath.Dir(file), words[0]), root+"/")
		if got := contents(t, "Makefile"); !strings.Contains(got, "sh "+script) {
			t.Fatalf("%v: %q is not in:\n%s", file, "sh "+script, got)
		}
	case strings.HasPrefix(command, "curl -s http://127.0.0.1:8888/metrics"):
		if got := contents(t, "collector-config.yaml"); !strings.Contains(got, "METRICS_PORT:-8888") {
			t.Fatalf("%q is not in:\n%s", "METRICS_PORT:-8888", got)
		}
	case strings.HasPrefix(command, "apt-get install "):
		if !inScripts(t, words[2]) {
			t.Fatalf("%s: no script installs %s", file, words[2])
		}
	default:
		if !regexp.MustCompile(`(?i)not run`).MatchString(section) {
			t.Fatalf("%s: nothing runs %q, and its section does not say so: %q does not match %s", file, command, section, `(?i)not run`)
		}
	}
}

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ownFiles writes the YAML blocks of a section that begin with the name of a file,
// "# /etc/otelcol-activitylog/mine.yaml", and returns the command with the names of what it
// wrote.
func ownFiles(t *testing.T, section, command string) string {
	t.Helper()
	for _, block := range blocks(section, "yaml") {
		name, text, _ := strings.Cut(block, "\n")
		if name, ok := strings.CutPrefix(name, "# /"); ok {
			file := filepath.Join(t.TempDir(), filepath.Base(name))
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			command = strings.ReplaceAll(command, "/"+name, file)
		}
	}
	return command
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
	for _, word := range strings.Fields(command) { // NAME=value before the program
		if !strings.Contains(word, "=") {
			break
		}
		cmd.Env = append(cmd.Env, word)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s\n%s: %v", file, command, out, err)
	}
}

func inScripts(t *testing.T, name string) bool {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(root, "scripts", "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), name) {
			return true
		}
	}
	return false
}

// Tests and benchmarks that pages tell readers to run are there: go test says "ok"
// too where a pattern matches none.
func TestNamedTests(t *testing.T) {
	named := regexp.MustCompile("`(?:cd ([\\w/-]+) && )?(?:[A-Z_]+=\\S+ )*go test ([^`]*)`(?: in `([\\w/]+)`)?")
	pattern := regexp.MustCompile(`-(run|bench) '?([^' ]+)'?`)
	checked := 0
	for file, page := range pages(t) {
		for _, match := range named.FindAllStringSubmatch(page, -1) {
			folder := filepath.Join(root, match[1]+match[3])
			if match[1]+match[3] == "" {
				continue // within a page about one folder, which says so in words
			}
			folders := []string{}
			for _, word := range strings.Fields(match[2]) {
				if word == "." || strings.HasPrefix(word, "./") && word != "./..." {
					folders = append(folders, filepath.Join(folder, word))
					if _, err := os.Stat(filepath.Join(folder, word)); err != nil {
						t.Fatalf("%s: %s: %v", file, match[0], err)
					}
				}
			}
			for _, p := range pattern.FindAllStringSubmatch(match[2], -1) {
				if p[2] == "^$" {
					continue
				}
				for one := range strings.SplitSeq(p[2], "|") {
					top, _, _ := strings.Cut(one, "/")
					if top != "" && !declares(t, folders, p[1], top) {
						t.Errorf("%s: nothing is called %s: %s", file, top, match[0])
					}
					checked++
				}
			}
		}
	}
	if checked <= 5 {
		t.Fatalf("checked: got %v, want more than %v", checked, 5)
	}
}

// declares reports whether the folders' tests have one, "run", or a benchmark,
// "bench", that the pattern matches.
func declares(t *testing.T, folders []string, kind, pattern string) bool {
	t.Helper()
	prefix := map[string]string{"run": "Test", "bench": "Benchmark"}[kind]
	wanted := regexp.MustCompile(pattern)
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range regexp.MustCompile(`(?m)^func (`+prefix+`\w+)\(`).FindAllStringSubmatch(string(text), -1) {
				if wanted.MatchString(name[1]) {
					return true
				}
			}
		}
	}
	return false
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
	if checked <= 150 {
		t.Fatalf("checked: got %v, want more than %v", checked, 150)
	}
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

// TestNames: names of package instrument on the page about services in Go exist.
func TestNames(t *testing.T) {
	page := contents(t, "docs/develop/go-services.md")
	files, err := filepath.Glob(filepath.Join(root, "instrument", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	names := regexp.MustCompile("`(?:instrument\\.)?((?:With|Set|Record|New|CaptureRoute|Skip)\\w*)`").FindAllStringSubmatch(page, -1)
	if len(names) <= 10 {
		t.Fatalf("len(names): got %v, want more than %v", len(names), 10)
	}
	for _, name := range names {
		if !regexp.MustCompile(`(func (\(\w+ \*?\w+\) )?|type )` + name[1] + `\b`).MatchString(code.String()) {
			t.Fatalf("%q does not match %s", code.String(), `(func (\(\w+ \*?\w+\) )?|type )`+name[1]+`\b`)
		}
	}
}
