package bench

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// telegraf is a Telegraf that was started.
type telegraf struct {
	address string // OTLP/gRPC
	log     process.Log
	running *process.Process
}

// startTelegraf starts the program of the folder telegraf, which make bench
// builds; without it the benchmark goes without that peer.
func startTelegraf(tb testing.TB, dsn string, batch int) *telegraf {
	tb.Helper()
	t := &telegraf{address: testserver.FreeAddr(tb)}
	cmd := exec.Command(telegrafBinary(), "telegraf.conf")
	cmd.Env = append(os.Environ(), "OTLP_GRPC_ENDPOINT="+t.address, "TELEGRAF_DSN="+dsn, "TELEGRAF_BATCH="+strconv.Itoa(batch))
	var err error
	if t.running, err = process.Start(cmd, &t.log); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		t.running.Kill() // does nothing more after stop
		if tb.Failed() {
			tb.Logf("the end of Telegraf's log:\n%s", t.log.Tail(60))
		}
	})
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	err = t.running.WaitUntil(ctx, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", t.address)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func (t *telegraf) stop(tb testing.TB) {
	tb.Helper()
	if err := t.running.Stop(syscall.SIGTERM, 30*time.Second); err != nil {
		tb.Fatal(err)
	}
}

func telegrafBinary() string {
	if path := os.Getenv("ACTIVITYLOG_TELEGRAF"); path != "" {
		return path
	}
	return filepath.Join("..", "bin", "telegraf")
}

func hasTelegraf() bool {
	_, err := os.Stat(telegrafBinary())
	return !errors.Is(err, os.ErrNotExist)
}
