// Package guide_test checks the documentation. The commands of docs/getting-started.md
// and README.md are run as printed. Every other command is run by some test, is checked
// here, or is in a section that says that it was not run. Links lead somewhere, and
// prose follows the rules of CONTRIBUTING.md.
package guide_test

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/blogtest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const root = "../.."

// pages are all Markdown files, by their path from this folder.
func pages(t *testing.T) (found map[string]string) {
	t.Helper()
	found = map[string]string{}
	for file, text := range sources(t, ".md") {
		found[file] = text
	}
	if len(found) <= 50 {
		t.Fatalf("len(found): got %v, want more than %v", len(found), 50)
	}
	return found
}

// sources are the files of the repository with one of the extensions, without what
// is built, downloaded, or data of a test.
func sources(t *testing.T, extensions ...string) (found map[string]string) {
	t.Helper()
	found = map[string]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "bin", "node_modules", "testdata"}, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(extensions, filepath.Ext(file)) {
			return nil
		}
		text, err := os.ReadFile(file)
		found[file] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// commands are the lines of a page's shell blocks, without comments and with
// those that go on put together.
func commands(page string) (all []string) {
	for _, block := range blocks(page, "sh") {
		text := quoted.ReplaceAllStringFunc(strings.ReplaceAll(block, "\\\n", " "), func(q string) string {
			return strings.ReplaceAll(q, "\n", " ")
		})
		for line := range strings.SplitSeq(text, "\n") {
			line, _, _ = strings.Cut(line, "  #")
			line, _, _ = strings.Cut(line, " # ")
			if line = strings.TrimSpace(line); line != "" {
				all = append(all, line)
			}
		}
	}
	return all
}

// TestGettingStarted follows the page, and the quick start of the README, and compares
// what is printed with the tables and answers that the page shows.
func TestGettingStarted(t *testing.T) {
	for _, page := range []string{"docs/getting-started.md", "README.md"} {
		t.Run(page, func(t *testing.T) {
			text := contents(t, page)
			printed := follow(t, commands(text))
			shown := 0
			for _, block := range blocks(text, "") {
				for line := range strings.Lines(block) {
					if strings.HasPrefix(line, "│") || strings.HasPrefix(line, "{") {
						if !strings.Contains(printed, strings.TrimSpace(line)) {
							t.Fatalf("%q is not in:\n%s", strings.TrimSpace(line), printed)
						}
						shown++
					}
				}
			}
			if shown <= 3 {
				t.Fatalf("shown: got %v, want more than %v", shown, 3)
			}
			if page == "README.md" {
				if got := strings.Count(text, "\n"); got > 110 {
					t.Fatalf("lines of the README: got %v, want at most %v", got, 110)
				}
			}
		})
	}
}

// blocks returns the fenced blocks of a page that are in a language; "" for none. Blocks
// within lists are left out.
func blocks(page, language string) (found []string) {
	var block strings.Builder
	inside, wanted := false, false
	for line := range strings.Lines(page) {
		name, fence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case fence && !inside:
			inside, wanted = true, name == language
			block.Reset()
		case fence:
			if wanted {
				found = append(found, block.String())
			}
			inside = false
		case inside:
			block.WriteString(line)
		}
	}
	return found
}

// follow runs the commands of a page, without those that build, in a folder with
// nothing but the three programs and the configuration, and returns what they print.
func follow(t *testing.T, lines []string) string {
	t.Helper()
	dir := folder(t)
	script, looks := "set -eu\n", false
	for _, line := range lines {
		if strings.HasPrefix(line, "git clone ") || strings.HasPrefix(line, "make ") || strings.HasPrefix(line, "go install ") {
			continue // internal/release/newcomer runs the last
		}
		if !looks && (strings.HasPrefix(line, "sqlite3") || strings.HasPrefix(line, "bin/activitylog")) {
			looks = true
			script += "sleep 8\n" // a few seconds, the page says
		}
		script += line + "\n"
		if strings.HasSuffix(line, "&") {
			script += "sleep 2\n"
		}
		if strings.HasPrefix(line, "curl") {
			script += "echo\n"
		}
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	printed, err := os.Create(filepath.Join(dir, "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	cmd.Stdout, cmd.Stderr = printed, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { // the two in the background
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		time.Sleep(200 * time.Millisecond)
	}()
	done := make(chan error, 1)
	go func() { done <- wait(cmd) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the page takes more than a minute")
	}
	text, err := os.ReadFile(printed.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// folder makes the folder, and skips where the page cannot be followed.
func folder(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		testserver.Missing(t, "there is no sqlite3 (apt-get install sqlite3)")
	}
	for _, port := range []string{"4317", "4318", "8080", "8888", "13133"} {
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			testserver.Missing(t, "the page needs port %s: %v", port, err)
		} else {
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(collectortest.Binary(t), filepath.Join(dir, "bin", "otelcol-activitylog")); err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join(root, "collector-config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(config, filepath.Join(dir, "collector-config.yaml")); err != nil {
		t.Fatal(err)
	}
	buildCommand(t, filepath.Join(dir, "bin", "activitylog"))
	if err := os.Rename(blogtest.Build(t), filepath.Join(dir, "bin", "blog")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// buildCommand builds the command activitylog.
func buildCommand(t *testing.T, file string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", file, ".")
	build.Dir = filepath.Join(root, "cmd", "activitylog")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the command: %s: %v", out, err)
	}
}

// wait waits for the shell alone: what it left in the background has its outputs.
func wait(cmd *exec.Cmd) error {
	state, err := cmd.Process.Wait()
	if err == nil && !state.Success() {
		return fmt.Errorf("%s", state)
	}
	return err
}
