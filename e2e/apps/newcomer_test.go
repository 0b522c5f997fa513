//go:build apps

package apps_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/storytest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestNewcomer runs the commands of "Try it: verdaccio in ten minutes" as printed, with
// other ports and folders.
func TestNewcomer(t *testing.T) {
	dir, addr, root := t.TempDir(), testserver.FreeAddr(t), collectortest.Root(t)
	blocks := newcomersBlocks(t, filepath.Join(root, "docs", "develop", "identify-users.md"))
	if len(blocks) != 4 {
		t.Fatalf("the section has %d blocks of commands, want 4", len(blocks))
	}
	for i := range blocks {
		blocks[i] = strings.NewReplacer("127.0.0.1:4873", addr, "/tmp/", dir+"/", "$PWD", root,
			"activity.db", filepath.Join(dir, "activity.db")).Replace(blocks[i])
	}
	install, serve, publish, query := blocks[0], blocks[1], blocks[2], blocks[3]
	dsn := "file:" + filepath.Join(dir, "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	shell(t, root, install)

	cmd := exec.Command("sh", "-c", "exec "+strings.ReplaceAll(strings.TrimSpace(lastCommand(serve)), "$ACTIVITYLOG", root))
	cmd.Dir = filepath.Join(dir, "registry")
	cmd.Env = append(append(os.Environ(), exports(serve)...), collector.OTLPEnv()...)
	a := startService(t, cmd, addr, "/-/ping")
	shell(t, dir, publish)

	db, err := sql.Open("sqlite", dsn+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	time.Sleep(6 * time.Second) // "The instrumentation sends every five seconds"
	storytest.Await(t, db, 3)
	a.Kill()
	out := shell(t, root, query)
	for _, want := range []string{`alice +│ Create +│ package +│ tea +│ Success`, `alice +│ Delete +│ package +│ tea +│ Success`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// newcomersBlocks returns the blocks of commands of the section.
func newcomersBlocks(t *testing.T, page string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### Try it: verdaccio")
	section, _, _ = strings.Cut(section, "\n### ")
	for _, match := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// exports returns the variables that a block exports.
func exports(block string) (variables []string) {
	for line := range strings.Lines(block) {
		if words, ok := strings.CutPrefix(line, "export "); ok {
			variables = append(variables, strings.Fields(words)...)
		}
	}
	return variables
}

// lastCommand returns what a block starts after its exports.
func lastCommand(block string) string {
	var rest strings.Builder
	for line := range strings.Lines(block) {
		if !strings.HasPrefix(line, "export ") {
			rest.WriteString(line)
		}
	}
	return rest.String()
}

func shell(t *testing.T, dir, script string) string {
	t.Helper()
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%s%v", script, out, err)
	}
	return string(out)
}
