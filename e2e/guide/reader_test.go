package guide_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestReader builds the program of docs/develop/reader.md with its lines of go.mod, and
// compares what it prints with the page.
func TestReader(t *testing.T) {
	const page = "docs/develop/reader.md"
	dir := t.TempDir()
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	module := strings.ReplaceAll(block(t, page, "", "require ("), "../activitylog", repository)
	for name, text := range map[string]string{
		"go.mod":  "module shop\n\ngo 1.26.0\n\n" + module,
		"go.sum":  contents(t, "reader/drivers/go.sum"),
		"main.go": block(t, page, "go", "package main"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", "shop", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	fillForReader(t, filepath.Join(dir, "activity.db"))
	program := exec.CommandContext(t.Context(), filepath.Join(dir, "shop"))
	program.Dir, program.Env = dir, append(os.Environ(), "ACTIVITYLOG_DSN=file:activity.db")
	out, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if want := block(t, page, "", "2026-"); string(out) != want {
		t.Fatalf("got\n%s, want\n%s", out, want)
	}
}

// fillForReader makes a file with the collector's tables and two rows.
func fillForReader(t *testing.T, file string) {
	t.Helper()
	collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const insert = `INSERT INTO activity_log (event_id, action_time, actor_id, actor_name, action_type, status, object_type, object_id, data, source) VALUES
		('01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a', '2026-11-01 23:30:00.000000', '42', 'alice', 'Read', 'Success', 'article', '17', '{}', 'declared'),
		('01a217de-cebc-76b5-a5a2-fbb4d0dadb8a', '2026-11-02 09:00:00.000000', '42', 'alice', 'Update', 'Success', 'article', '17',
			'{"changes":{"title":["Old title","New title"]}}', 'declared')`
	testserver.Eventually(t, time.Minute, func() bool { // the table may not be there yet
		_, err = db.ExecContext(t.Context(), insert)
		return err == nil
	})
}
