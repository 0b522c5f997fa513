package scripts

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// script runs a script of the repository with more variables. It returns its exit code and what
// it prints.
func script(t *testing.T, env []string, name string, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{filepath.Join(root, "scripts", name)}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), string(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(out)
}

// What make vulncheck says and does for each answer of govulncheck.
func TestVulncheck(t *testing.T) {
	const (
		finding     = "echo 'Vulnerability #1: GO-2026-0001'; exit 3"
		unreachable = "echo 'govulncheck: fetching vulnerabilities: Get x: no such host' >&2; exit 1"
	)
	for _, test := range []struct {
		name, answer string
		env          []string
		code         int
		want, list   string // in what it prints, and in the list of what was skipped
	}{
		{name: "nothing", answer: "exit 0", want: "instrument: no known vulnerability in code that is called"},
		{name: "finding", answer: finding, code: 1, want: "known vulnerabilities in: activity instrument"},
		{name: "finding is printed", answer: finding, code: 1, want: "GO-2026-0001"},
		{name: "no database", answer: unreachable, want: "NO MODULE WAS CHECKED", list: "NO MODULE WAS CHECKED"},
		{name: "no database in CI", answer: unreachable, env: []string{"CI=true"}, want: "NO MODULE WAS CHECKED", list: "NO MODULE WAS CHECKED"},
		{name: "no database for a release", answer: unreachable, env: []string{"VULNCHECK=required"}, code: 2, want: "NOT CHECKED, and VULNCHECK=required"},
		{name: "another failure", answer: "echo 'no go.mod' >&2; exit 1", code: 1, want: "govulncheck failed with code 1: no go.mod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			program, list := filepath.Join(folder, "govulncheck"), filepath.Join(folder, "skipped")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+test.answer+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			env := append([]string{"CI=", "VULNCHECK=", "GOVULNCHECK=" + program, "ACTIVITYLOG_SKIPPED=" + list}, test.env...)
			code, said := script(t, env, "vulncheck.sh", "activity", "instrument")
			if code != test.code || !strings.Contains(said, test.want) {
				t.Errorf("got code %d and %q, want %d and %q", code, said, test.code, test.want)
			}
			text, _ := os.ReadFile(list) // there is none if nothing was skipped
			if !strings.Contains(string(text), test.list) || (test.list == "" && len(text) > 0) {
				t.Errorf("the list of what was skipped has %q, want %q", text, test.list)
			}
		})
	}
}

// A module in the cache that was changed after its download is found. The cache of the test has
// nothing else.
func TestModVerify(t *testing.T) {
	if code, said := script(t, nil, "mod-verify.sh", "."); code != 0 || !strings.Contains(said, "go mod verify: 1 modules") {
		t.Errorf("got code %d and %q", code, said)
	}
	folder := t.TempDir()
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache := strings.TrimSpace(string(out))
	const module = "github.com/google/licensecheck"
	for _, name := range []string{"cache/download/" + module + "/@v", module + "@v0.3.1"} {
		to := filepath.Join(folder, name)
		if err := os.CopyFS(to, os.DirFS(filepath.Join(cache, name))); err != nil {
			t.Fatal(err)
		}
	}
	mine := t.TempDir()
	sum, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26.0\n\nrequire " + module + " v0.3.1\n",
		"go.sum": string(sum),
		"m.go":   "package m\n\nimport _ \"" + module + "\"\n",
	} {
		if err := os.WriteFile(filepath.Join(mine, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GOMODCACHE=" + folder, "GOFLAGS=-modcacherw", "GOPROXY=off"}
	if code, said := script(t, env, "mod-verify.sh", mine); code != 0 {
		t.Fatalf("a good copy: got code %d and %q", code, said)
	}
	if err := os.WriteFile(filepath.Join(folder, module+"@v0.3.1", "more.go"), []byte("package licensecheck\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := script(t, env, "mod-verify.sh", mine); code != 1 || !strings.Contains(said, "dir has been modified") {
		t.Errorf("a changed copy: got code %d and %q", code, said)
	}
}
