package testserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// recorder is a test that notes whether it was skipped or failed.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (*recorder) Helper() {}

func (r *recorder) Skipf(string, ...any)  { r.skipped = true; runtime.Goexit() }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

func TestMissing(t *testing.T) {
	for ci, skips := range map[string]bool{"": true, "false": true, "true": false} {
		t.Setenv("CI", ci)
		r := &recorder{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			Missing(r, "there is no %s", "database")
		}()
		<-done
		if r.skipped != skips || r.failed == skips {
			t.Errorf("CI=%s: skipped %v, failed %v", ci, r.skipped, r.failed)
		}
	}
}

func TestServer(t *testing.T) {
	s := New(t, "a shell")
	s.Mkdir("data")
	file := s.Write("script", "trap 'echo ended > data/end; exit 3' TERM\necho ready > data/ready\nwhile :; do sleep 0.05; done\n")
	exists := func(name string) func(context.Context) error {
		return func(context.Context) error {
			text, err := os.ReadFile(filepath.Join(s.Dir, "data", name))
			if err == nil && len(text) == 0 {
				err = errors.New("it is empty")
			}
			return err
		}
	}
	run := func() { s.Run(s.Command("/bin/sh", file), exists("ready")) }
	run()
	pid := s.PID()
	s.End(syscall.SIGTERM, 10*time.Second)
	if err := exists("end")(t.Context()); err != nil {
		t.Errorf("the server did not handle the signal: %v", err)
	}
	if syscall.Kill(pid, 0) == nil || s.PID() != 0 {
		t.Error("the server runs after End")
	}
	run()
	pid = s.PID()
	s.Kill()
	s.Kill()
	if syscall.Kill(pid, 0) == nil {
		t.Error("the server runs after Kill")
	}
}

// TestEndKills has a server that ignores the signal.
func TestEndKills(t *testing.T) {
	s := New(t, "a shell")
	s.Run(s.Command("/bin/sh", "-c", "trap '' TERM; echo > ready; while :; do sleep 0.05; done"),
		func(context.Context) error { _, err := os.Stat(filepath.Join(s.Dir, "ready")); return err })
	pid := s.PID()
	s.End(syscall.SIGTERM, 100*time.Millisecond)
	if syscall.Kill(pid, 0) == nil {
		t.Error("the server runs after End")
	}
}

func TestAccount(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("servers run as the user of the test, unless that is root")
	}
	s := New(t, "id", "no-such-account")
	out, err := s.Command("/usr/bin/id", "-un").Output()
	if err != nil || strings.TrimSpace(string(out)) != "nobody" {
		t.Errorf("the server runs as %q (%v), want nobody", out, err)
	}
}
