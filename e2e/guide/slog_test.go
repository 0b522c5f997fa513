package guide_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestSlog runs the program of docs/develop/go-services.md that logs by log/slog, and looks
// at the row.
func TestSlog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	collector := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + file})
	var text string
	for _, block := range blocks(contents(t, "docs/develop/go-services.md"), "go") {
		if strings.HasPrefix(block, "package main") {
			text = block
		}
	}
	bridge := regexp.MustCompile(`go\.opentelemetry\.io/contrib/bridges/otelslog v\S+`).FindString(contents(t, "e2e/go.mod"))
	service := exec.CommandContext(t.Context(), build(t, text, bridge))
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
	got := rows.Row{}
	for _, column := range []string{"actor_id", "actor_name", "action_type", "action_name", "status", "object_type", "object_id", "remarks", "data", "service_name"} {
		got[column] = all[0][column]
	}
	want := rows.Row{
		"actor_id": "1", "actor_name": "alice", "action_type": "Update", "action_name": "invoice.approve", "status": "Success",
		"object_type": "invoice", "object_id": "9", "remarks": "alice approved invoice 9",
		"data": `{"changes":{"state":["open","approved"]}}`, "service_name": "shop",
	}
	if len(all) != 1 || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %d rows, the first one %v, want %v", len(all), got, want)
	}
}
