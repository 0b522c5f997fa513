package webtest_test

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// clickhouse is ClickHouse as the library chdb behind an HTTP front: see the exporter's
// package chdbtest, which is of another module and is built here.
func clickhouse(t *testing.T) *database {
	folder := t.TempDir()
	program := filepath.Join(folder, "serve")
	build := exec.Command("go", "build", "-o", program, "./serve")
	build.Dir = "../../../../exporter/activitylogexporter/internal/chdbtest"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the front of ClickHouse: %v\n%s", err, out)
	}
	address := testserver.FreeAddr(t)
	cmd := exec.Command(program, address, folder)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with this process
		t.Fatal(err)
	}
	var log process.Log
	running, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Kill)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := running.WaitUntil(ctx, func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err
	}); err != nil {
		if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 3 {
			testserver.Missing(t, "the ClickHouse engine is not installed (sh scripts/databases.sh): %v", err)
		}
		t.Fatalf("start ClickHouse: %v", err)
	}
	dsn := "http://" + address + "/default"
	return open(t, "clickhouse", dsn, "clickhouse", dsn)
}

// writeBlock writes rows as ClickHouse takes them.
func (db *database) writeBlock(t *testing.T, columns []string, rows [][]any) {
	t.Helper()
	tx, err := db.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.PrepareContext(t.Context(), "INSERT INTO activity_log_store ("+strings.Join(columns, ", ")+")")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := insert.ExecContext(t.Context(), row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
