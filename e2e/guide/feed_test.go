package guide_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// TestFeed runs the commands of docs/develop/feed.md, and compares what they print with the
// page.
func TestFeed(t *testing.T) {
	const page = "docs/develop/feed.md"
	lines := commands(contents(t, page))
	if len(lines) != 6 || lines[0] != "cd examples" || !strings.HasPrefix(lines[1], "go run ./feed ") {
		t.Fatalf("the page has other commands: %q", lines)
	}
	addr, file := testserver.FreeAddr(t), filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	program := filepath.Join(t.TempDir(), "feed")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./feed")
	build.Dir = filepath.Join(root, "examples")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args := strings.Fields(strings.ReplaceAll(strings.TrimPrefix(lines[1], "go run ./feed "), "activity.db", file))
	cmd := exec.Command(program, append(args, "-addr", addr)...)
	cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+c.HTTP, "TZ=Europe/Berlin")
	var log process.Log
	running, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Kill)
	testserver.Eventually(t, time.Minute, func() bool {
		res, err := http.Get("http://" + addr)
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil
	})
	var printed []string
	for _, line := range lines[2:] {
		line = strings.ReplaceAll(strings.ReplaceAll(line, "127.0.0.1:8080", addr), "curl ", "curl -sS ")
		testserver.Eventually(t, time.Minute, func() bool { // rows take a moment to arrive
			out, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output()
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if text := string(out); strings.HasPrefix(text, "order ") || strings.Contains(text, "order") && strings.Contains(text, "activities") || strings.Contains(text, "<li ") {
				printed = append(printed, text)
				return true
			}
			return false
		})
	}
	feedJSON(t, printed[2], block(t, page, "json", "{"))
	list := "<section " + between(printed[3], "<section ", "</section>") + "</section>\n"
	list = strings.ReplaceAll(list, "&#43;", "+")
	times := regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:]+\+\d\d:\d\d|\d\d\.\d\d\.\d{4}, [\d:]+ CES?T`)
	if got, want := times.ReplaceAllString(list, "T"), times.ReplaceAllString(block(t, page, "html", "<section"), "T"); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// feedJSON compares what an activity has with what the page shows.
func feedJSON(t *testing.T, got, want string) {
	t.Helper()
	type response struct{ Activities []map[string]any }
	var g, w response
	if err := json.Unmarshal([]byte(got), &g); err != nil || len(g.Activities) == 0 {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	a, b := g.Activities[0], w.Activities[0]
	if !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) {
		t.Errorf("got %v, want %v", a, b)
	}
	for name, value := range b {
		if name != "event_id" && name != "action_time" && a[name] != value {
			t.Errorf("%s: got %v, want %v", name, a[name], value)
		}
	}
}

// between is the part of a text between two others.
func between(text, first, last string) string {
	_, text, _ = strings.Cut(text, first)
	text, _, _ = strings.Cut(text, last)
	return text
}
