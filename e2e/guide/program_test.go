package guide_test

import (
	"database/sql"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// TestProgram builds the program of docs/develop/go-services.md, which is also that of the
// README, with the lines of go.mod of that page, sends it a request, and looks at the row.
func TestProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	service := exec.CommandContext(t.Context(), program(t))
	service.Env = append(os.Environ(), collector.OTLPEnv()...)
	var log process.Log
	service.Stdout, service.Stderr = &log, &log
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	request := func() (code int) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1:8090/articles/17", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("alice", "")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode
	}
	testserver.Eventually(t, 10*time.Second, func() bool { return request() == http.StatusOK }, "%v", &log)
	second := exec.CommandContext(t.Context(), service.Path)
	second.Env = service.Env
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "address already in use") {
		t.Errorf("a second program, whose port is in use: %v: %s", err, out)
	}
	if err := service.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := service.Wait(); err != nil {
		t.Fatalf("%v: %v", log.String(), err)
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
	row := all[len(all)-1]
	if got := []string{row["actor_name"], row["action_type"], row["object_type"], row["object_id"], row["service_name"], row["data"]}; !reflect.DeepEqual(got, []string{"alice", "Update", "article", "17", "shop", `{"changes":{"title":["Old title","New title"]}}`}) {
		t.Fatalf("got %v, want %v", got, []string{"alice", "Update", "article", "17", "shop", `{"changes":{"title":["Old title","New title"]}}`})
	}
}

// program builds the program of docs/develop/go-services.md in a module of its own.
func program(t *testing.T) string {
	t.Helper()
	text := block(t, "docs/develop/go-services.md", "go", "package main")
	if main := block(t, "README.md", "go", "func main"); !strings.HasSuffix(text, "\n"+main) {
		t.Errorf("the README has another program:\n%s", main)
	}
	return build(t, text)
}

// block returns the first block of a page that begins with a text.
func block(t *testing.T, page, language, part string) string {
	t.Helper()
	for _, text := range blocks(contents(t, page), language) {
		if strings.HasPrefix(text, part) {
			return text
		}
	}
	t.Fatalf("%s has no block that begins with %s", page, part)
	return ""
}

// build builds a program in a module of its own, with the lines of go.mod of
// docs/develop/go-services.md and other requirements.
func build(t *testing.T, text string, require ...string) string {
	t.Helper()
	dir := t.TempDir()
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	module := strings.ReplaceAll(block(t, "docs/develop/go-services.md", "", "require ("), "../activitylog", repository)
	for _, line := range require {
		module += "\nrequire " + line + "\n"
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module shop\n\ngo 1.26.0\n\n"+module)
	write("go.sum", contents(t, "examples/go.sum")+contents(t, "e2e/go.sum"))
	write("main.go", text)
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", "shop", ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v", string(out), err)
	}
	return filepath.Join(dir, "shop")
}
