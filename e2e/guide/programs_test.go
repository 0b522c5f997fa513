package guide_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestSlog runs the program of docs/develop/jobs-and-services.md that logs by log/slog, and
// looks at the row.
func TestSlog(t *testing.T) {
	t.Parallel()
	bridge := regexp.MustCompile(`go\.opentelemetry\.io/contrib/bridges/otelslog v\S+`).FindString(contents(t, "e2e/go.mod"))
	got := runOnce(t, programWith(t, "otelslog.NewLogger"), bridge)
	compareRow(t, got, rows.Row{
		"actor_id": "1", "actor_name": "alice", "action_type": "Update", "action_name": "invoice.approve", "status": "Success",
		"object_type": "invoice", "object_id": "9", "remarks": "alice approved invoice 9",
		"data": `{"changes":{"state":["open","approved"]}}`, "service_name": "shop",
	})
}

// TestCommand runs the command of docs/develop/jobs-and-services.md, whose actor is whoever
// runs it.
func TestCommand(t *testing.T) {
	t.Parallel()
	who := instrument.OSUser()
	got := runOnce(t, programWith(t, "instrument.OSUser()"))
	compareRow(t, got, rows.Row{
		"actor_id": who.ID, "actor_name": who.Name, "actor_type": "user", "action_type": "Delete", "action_name": "draft.expire", "status": "Success",
		"object_type": "draft", "service_name": "expire",
	})
}

// programWith returns the program of docs/develop/jobs-and-services.md that has a text.
func programWith(t *testing.T, part string) string {
	t.Helper()
	for _, block := range blocks(contents(t, "docs/develop/jobs-and-services.md"), "go") {
		if strings.Contains(block, "package main\n") && strings.Contains(block, part) {
			return block
		}
	}
	t.Fatalf("no program has %s", part)
	return ""
}

// runOnce builds a program, runs it beside a collector, and returns the one row that it makes.
func runOnce(t *testing.T, text string, require ...string) rows.Row {
	t.Helper()
	file := filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	service := exec.CommandContext(t.Context(), build(t, text, require...))
	service.Env = append(os.Environ(), collector.OTLPEnv()...)
	if out, err := service.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []rows.Row
	testserver.Eventually(t, 10*time.Second, func() bool {
		all, _ = rows.Read(t.Context(), db, "sqlite") // the table may not be there yet
		return len(all) > 0
	})
	if len(all) != 1 {
		t.Fatalf("got %d rows", len(all))
	}
	return all[0]
}

// compareRow compares the columns that are wanted.
func compareRow(t *testing.T, got, want rows.Row) {
	t.Helper()
	for column, value := range want {
		if got[column] != value {
			t.Errorf("%s: got %q, want %q", column, got[column], value)
		}
	}
}

// TestOutbox runs the command of docs/develop/outbox.md without a collector, and compares what it
// prints with the page.
func TestOutbox(t *testing.T) {
	const page = "docs/develop/outbox.md"
	lines := commands(contents(t, page))
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "go run ./outbox ") })
	if i < 1 || lines[i-1] != "cd examples" {
		t.Fatalf("the page has no command: %q", lines)
	}
	args := strings.Fields(strings.ReplaceAll(lines[i], "shop.db", filepath.Join(t.TempDir(), "shop.db")))
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = filepath.Join(root, "examples")
	cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+testserver.FreeAddr(t))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := block(t, page, "", "book: "); string(out) != want {
		t.Fatalf("got\n%s, want\n%s", out, want)
	}
}
