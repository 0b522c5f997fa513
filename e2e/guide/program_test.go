package guide_test

import (
	"bytes"
	"database/sql"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/rows"
)

// TestProgram builds the program of the README, with the imports and the lines of go.mod
// of docs/develop/go-services.md, sends it a request, and looks at the row.
func TestProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	service := exec.CommandContext(t.Context(), program(t))
	service.Env = append(os.Environ(), collector.OTLPEnv()...)
	var log bytes.Buffer
	service.Stdout, service.Stderr = &log, &log
	require.NoError(t, service.Start())
	request := func() (code int) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1:8090/articles/17", http.NoBody)
		require.NoError(t, err)
		r.SetBasicAuth("alice", "")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0
		}
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	require.Eventually(t, func() bool { return request() == http.StatusOK }, 10*time.Second, 100*time.Millisecond, log.String())
	require.NoError(t, service.Process.Signal(os.Interrupt))
	require.NoError(t, service.Wait(), log.String())
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	var all []rows.Row
	require.Eventually(t, func() bool {
		all, _ = rows.Read(t.Context(), db, "sqlite") // the table may not be there yet
		return len(all) > 0
	}, 10*time.Second, 100*time.Millisecond)
	row := all[len(all)-1]
	require.Equal(t, []string{"alice", "Update", "article", "17", "shop", `{"changes":{"title":["Old title","New title"]}}`},
		[]string{row["actor_name"], row["action_type"], row["object_type"], row["object_id"], row["service_name"], row["data"]})
}

// program builds the program in a module of its own.
func program(t *testing.T) string {
	t.Helper()
	block := func(page, language, part string) string {
		for _, text := range blocks(contents(t, page), language) {
			if strings.HasPrefix(text, part) {
				return text
			}
		}
		t.Fatalf("%s has no block that begins with %s", page, part)
		return ""
	}
	dir := t.TempDir()
	repository, err := filepath.Abs(root)
	require.NoError(t, err)
	module := strings.ReplaceAll(block("docs/develop/go-services.md", "", "require ("), "../activitylog", repository)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("go.mod", "module shop\n\ngo 1.26.0\n\n"+module)
	write("go.sum", contents(t, "examples/go.sum"))
	write("main.go", "package main\n\n"+block("docs/develop/go-services.md", "go", "import (")+"\n"+block("README.md", "go", "func main"))
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", "shop", ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return filepath.Join(dir, "shop")
}
