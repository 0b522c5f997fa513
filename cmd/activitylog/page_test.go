package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
)

const page = "../../docs/audit/command.md"

// TestPage runs each command of docs/audit/command.md on a terminal, and compares what it
// shows with the page: a block without a language has what the first command of the block
// before it shows, or the last one of its beginning.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "page.txtar")
	lines, files := pageScript(string(text))
	if strings.Count(lines, "shell ") < 16 || strings.Count(lines, "shown ") < 5 {
		t.Fatalf("the page has become:\n%s", lines)
	}
	if err := os.WriteFile(script, []byte("tables\nexample\n"+lines+files), 0o600); err != nil {
		t.Fatal(err)
	}
	p := params("", func(env *testscript.Env) (string, error) {
		env.Setenv("NO_COLOR", "1")
		return "file:" + filepath.Join(env.WorkDir, "activity.db"), nil
	})
	p.Dir, p.Files = "", []string{script}
	p.Cmds["example"] = func(ts *testscript.TestScript, _ bool, _ []string) {
		rows := clitest.Rows()
		ts.Check(clitest.Write(t.Context(), ts.Getenv("ACTIVITYLOG_DSN"), rows[:7]...)) // the last one is hostile
	}
	p.Cmds["shell"] = func(ts *testscript.TestScript, _ bool, args []string) {
		terminal(ts, false, []string{"100", "sh", "-c", args[0]})
	}
	p.Cmds["shown"] = func(ts *testscript.TestScript, _ bool, args []string) {
		want := ts.ReadFile(args[0])
		if got := ts.ReadFile("all"); !strings.Contains(got, want) {
			ts.Fatalf("the page shows\n%s, and the commands showed\n%s", want, got)
		}
	}
	testscript.Run(t, p)
}

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// pageScript makes a script of the blocks of a page, and its files.
func pageScript(text string) (script, files string) {
	for i, block := range fenced.FindAllStringSubmatch(text, -1) {
		switch block[1] {
		case "sh":
			script += "exec sh -c '>all'\n"
			for line := range strings.Lines(block[2]) {
				if command, _, _ := strings.Cut(strings.TrimSpace(line), "    #"); strings.HasPrefix(command, "activitylog ") {
					script += "shell " + quote(forTest(command)) + "\ncp stdout one\nexec sh -c 'cat one >>all'\n"
				}
			}
		case "":
			name := "shown" + string(rune('a'+i))
			script += "shown " + name + "\n"
			files += "-- " + name + " --\n" + block[2]
		}
	}
	return script, files
}

// forTest returns a command that ends.
func forTest(command string) string {
	if strings.Contains(command, " -f") {
		return "timeout --foreground -s INT 1 " + command + "; [ $? = 124 ]"
	}
	return command
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
