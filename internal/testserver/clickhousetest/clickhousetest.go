// Package clickhousetest runs ClickHouse for the tests of any module: as the library chdb
// behind an HTTP front. The exporter's package chdbtest, which is of another module, has
// both; its command is built here.
package clickhousetest

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// Server is a running ClickHouse. The account "inserter" has the rights of a collector in
// the databases test1 to test99, "default" all rights.
type Server struct{ address string }

// Start starts a server, which stops with the test. Where the engine is not installed the
// test is skipped, or fails if the environment has CI=true.
func Start(tb testing.TB) *Server {
	tb.Helper()
	folder := tb.TempDir()
	s := &Server{address: testserver.FreeAddr(tb)}
	cmd := exec.Command(build(tb, folder), s.address, folder)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with this process
		tb.Fatal(err)
	}
	var log process.Log
	running, err := process.Start(cmd, &log)
	if err != nil {
		tb.Fatalf("start ClickHouse: %v", err)
	}
	tb.Cleanup(running.Kill)
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	if err := running.WaitUntil(ctx, s.listens); err != nil {
		if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 3 {
			testserver.Missing(tb, "the ClickHouse engine is not installed (sh scripts/databases.sh): %v", err)
		}
		tb.Fatalf("start ClickHouse: %v\n%s", err, log.Tail(20))
	}
	return s
}

// build builds the command in a folder, and returns its path.
func build(tb testing.TB, folder string) string {
	tb.Helper()
	_, here, _, _ := runtime.Caller(0)
	program := filepath.Join(folder, "serve")
	cmd := exec.Command("go", "build", "-o", program, "./serve")
	cmd.Dir = filepath.Join(filepath.Dir(here), "../../../exporter/activitylogexporter/internal/chdbtest")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build the front of ClickHouse: %v\n%s", err, out)
	}
	return program
}

// listens returns an error until the server accepts connections.
func (s *Server) listens(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// Address is where the server listens, host:port.
func (s *Server) Address() string { return s.address }

// DSN is the connection string of a database: "default" is there from the start.
func (s *Server) DSN(database string) string { return "http://" + s.address + "/" + database }
