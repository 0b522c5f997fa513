// Package main: the shop with and without a collector.
package main

import (
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// sell runs the program as a user would, and returns what it prints.
func sell(t *testing.T, endpoint string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "."}, args...)...)
	cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	return string(out)
}

// What was sold while the collector is away becomes a row when it is there, and what was
// rolled back never does.
func TestShop(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	out := sell(t, nobody.Addr().String(), "-db", file, "-wait", "100ms", "book", "umbrella", "book")
	if strings.Count(out, "book: sold and recorded") != 2 || !strings.Contains(out, "umbrella: not sold") ||
		!strings.Contains(out, "2 activities wait for the collector") {
		t.Errorf("without a collector: %s", out)
	}

	activities := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + activities})
	if out = sell(t, c.HTTP, "-db", file, "-wait", "20s", "umbrella"); !strings.Contains(out, "everything is sent") {
		t.Errorf("with a collector: %s", out)
	}
	db, err := sql.Open("sqlite", activities)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []rows.Row
	testserver.Eventually(t, 10*time.Second, func() bool {
		all, _ = rows.Read(t.Context(), db, "sqlite")
		return len(all) >= 2
	})
	for _, row := range all {
		if row["object_id"] != "book" || row["actor_name"] != "alice" || row["service_name"] != "shop" || len(all) != 2 {
			t.Errorf("%d rows, one of %s", len(all), row["object_id"])
		}
	}
}
