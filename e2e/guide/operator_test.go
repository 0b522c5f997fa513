package guide_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// operatorPage is run from its top to its end by TestOperator.
const operatorPage = "docs/operate/command.md"

// built are the programs that tests have built, by the name of the test.
var built = map[string]string{}

// activitylog returns the program, built once for each test.
func activitylog(t *testing.T) string {
	t.Helper()
	if program, ok := built[t.Name()]; ok {
		return program
	}
	program := filepath.Join(t.TempDir(), "activitylog")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join(root, "cmd/activitylog")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build activitylog: %v\n%s", err, out)
	}
	built[t.Name()] = program
	return program
}

// TestOperator runs the page, with an SQLite file and an import of one row.
func TestOperator(t *testing.T) {
	program := activitylog(t)
	folder := t.TempDir()
	row := `{"event_id":"01a1961f-6f88-7000-a81d-161c8b3448b4","action_type":"Login","status":"Success","source":"declared","actor_id":"42","data":{}}`
	if err := os.WriteFile(filepath.Join(folder, "november.jsonl"), []byte(row+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env, printed := os.Environ(), ""
	ran := 0
	for _, command := range commands(contents(t, operatorPage)) {
		if variable, ok := strings.CutPrefix(command, "export "); ok {
			env = append(env, variable)
			continue
		}
		if strings.Contains(command, "--collector") { // the page says so
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = folder
		cmd.Env = append(env, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		printed += string(out)
		ran++
	}
	if ran < 12 {
		t.Fatalf("ran: got %v, want at least %v", ran, 12)
	}
	for _, shown := range []string{"ok    database      it answers", "ok    table         activity_log has all columns, of the right types",
		"ok    version       version 8, the newest", "1 row imported"} {
		if !strings.Contains(printed, shown) {
			t.Errorf("%q is not in:\n%s", shown, printed)
		}
	}
}

// checkActivitylog looks whether the program has a command with all flags that a page
// names.
func checkActivitylog(t *testing.T, file, command string) {
	t.Helper()
	program := activitylog(t)
	var path []string
	for _, word := range strings.Fields(command)[1:] {
		if !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(word) {
			break
		}
		path = append(path, word)
	}
	out, err := exec.CommandContext(t.Context(), program, append(path, "--help")...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "activitylog "+strings.Join(path, " ")+" ") {
		t.Fatalf("%s: %s: %v\n%s", file, command, err, out)
	}
	for _, flag := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(command, -1) {
		if !strings.Contains(string(out), flag+" ") {
			t.Fatalf("%s: %s has no flag %s:\n%s", file, command, flag, out)
		}
	}
}
