package guide_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// apiPage has commands that TestAPI runs.
const apiPage = "docs/reference/api.md"

// TestAPI starts the command as docs/audit/page.md says, and runs the commands of the page
// about the API: each is answered as the page shows, or at least with what was asked for.
func TestAPI(t *testing.T) {
	folder := t.TempDir()
	fillForReader(t, filepath.Join(folder, "activity.db"))
	address := testserver.FreeAddr(t)
	serve := exec.CommandContext(context.WithoutCancel(t.Context()), activitylog(t), "serve", "--listen", address)
	serve.Dir, serve.Env = folder, append(os.Environ(), "ACTIVITYLOG_DSN=file:activity.db")
	var log process.Log
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Signal(os.Interrupt)
		if err := serve.Wait(); err != nil {
			t.Errorf("the command did not stop well: %v\n%v", err, &log)
		}
	})
	testserver.Eventually(t, 20*time.Second, func() bool { return strings.Contains(log.String(), "the log is at http://"+address+"/") }, "%v", &log)

	page := contents(t, apiPage)
	printed, ran := "", 0
	for _, command := range commands(page) {
		if !strings.HasPrefix(command, "curl -s ") {
			t.Errorf("nothing runs %q", command)
			continue
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command, "127.0.0.1:8580", address)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		if strings.Contains(command, "text/csv") {
			if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "event_id,action_time,") {
				t.Errorf("%s: got %s", command, out)
			}
		} else if wrong := strings.Contains(string(out), `"status":400`); !json.Valid(out) || wrong != strings.Contains(command, "status=success") {
			t.Errorf("%s: got %s", command, out)
		}
		printed += string(out)
		ran++
	}
	if ran < 8 {
		t.Errorf("ran: got %d, want at least 8", ran)
	}
	for _, shown := range blocks(page, "") {
		if !strings.Contains(printed, strings.TrimSpace(shown)) {
			t.Errorf("%q is not in:\n%s", strings.TrimSpace(shown), printed)
		}
	}
}
