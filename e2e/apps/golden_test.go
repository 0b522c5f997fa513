//go:build apps

package apps_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/rows"
)

var update = flag.Bool("update", false, "write testdata/*.golden from what the collector gives")

// digests are what stands for a secret in a row: another one each time.
var digests = regexp.MustCompile(`\bsha256:[0-9a-f]{16}\b`)

// check compares the rows with what was done: first with what no golden file may
// change, then with the golden file.
func (s *story) check(t *testing.T, name string, acts []told, all []rows.Row) {
	t.Helper()
	byTrace := map[string][]rows.Row{}
	for _, row := range all {
		s.checkSecrets(t, row)
		byTrace[row["trace_id"]] = append(byTrace[row["trace_id"]], row)
	}
	var golden strings.Builder
	fmt.Fprintf(&golden, "Each act, what was sent and answered, and its rows.\n")
	for _, a := range acts {
		own := byTrace[a.traceID]
		delete(byTrace, a.traceID)
		checkAct(t, a, own)
		s.checkStatement(t, a, own)
		fmt.Fprintf(&golden, "\n%s\n    %s %s %d\n", a.what, a.method, s.hide(a.sent), a.status)
		for _, row := range own {
			fmt.Fprintf(&golden, "    → %s\n", digests.ReplaceAllString(s.hide(line(row)), "sha256:{digest}"))
		}
	}
	for _, left := range byTrace {
		t.Errorf("rows of requests that the story does not have: %v", left)
	}
	compareGolden(t, name, golden.String())
}

// checkAct checks what is true whatever the golden file says.
func checkAct(t *testing.T, a told, own []rows.Row) {
	t.Helper()
	if a.outcome == done && len(own) != 1 {
		t.Errorf("%s: there are %d rows, want 1", a.what, len(own))
	}
	if len(own) > 1 {
		t.Errorf("%s: there are %d rows, want at most 1", a.what, len(own))
	}
	for _, row := range own {
		actor := row["actor_id"]
		if a.outcome == done && actor != a.actor || actor != "" && actor != a.actor {
			t.Errorf("%s: the actor is %q, want %q", a.what, actor, a.actor)
		}
		if a.outcome == refused && row["status"] != "Failed" && row["action_type"] != "Login Attempt" {
			t.Errorf("%s: the row says %s %s", a.what, row["action_type"], row["status"])
		}
		if a.outcome != refused && a.status < 400 && row["status"] != "Success" && row["action_type"] != "Login Attempt" {
			t.Errorf("%s: the row says %s %s", a.what, row["action_type"], row["status"])
		}
		if reads := a.method == http.MethodGet || a.method == http.MethodHead; reads && row["action_type"] != "Read" && row["action_type"] != "Login" {
			t.Errorf("%s: the row says %s", a.what, row["action_type"])
		}
	}
}

// checkStatement checks that a row says nothing else than what was done. Where the
// object or its id is not known, it is empty.
func (s *story) checkStatement(t *testing.T, a told, own []rows.Row) {
	t.Helper()
	for _, row := range own {
		if a.is == "" {
			continue
		}
		said := row["action_type"]
		for _, column := range []string{"object_type", "object_id"} {
			if value := row[column]; value != "" {
				said += " " + value
			}
		}
		if !slices.ContainsFunc(strings.Split(s.fill(a.is), "|"), func(is string) bool { return says(said, is) }) {
			t.Errorf("%s: the row says %q, may say %q", a.what, said, a.is)
		}
	}
}

// says reports whether what a row says is all or the beginning of what is true. An id
// that is too long to write down is given by its beginning.
func says(said, is string) bool {
	return is == said || strings.HasPrefix(is, said+" ") || strings.HasSuffix(is, ":") && strings.HasPrefix(said, is)
}

// line is what a row states, in one line.
func line(row rows.Row) string {
	said := []string{row["action_type"]}
	for _, column := range []string{
		"object_type", "object_id", "object_name", "status", "error_type",
		"actor_id", "actor_type", "actor_name", "action_name", "remarks", "data",
	} {
		if value := row[column]; value != "" && value != "{}" {
			said = append(said, column+"="+value)
		}
	}
	return strings.Join(said, " · ")
}

// checkSecrets checks that the row opens no door.
func (s *story) checkSecrets(t *testing.T, row rows.Row) {
	t.Helper()
	for column, value := range row {
		for _, secret := range s.secrets {
			if secret != "" && strings.Contains(value, secret) {
				t.Errorf("column %s holds the secret %q: %s", column, secret, value)
			}
		}
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := at(gotLines, i), at(wantLines, i)
		if g != w {
			t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, g, w)
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
