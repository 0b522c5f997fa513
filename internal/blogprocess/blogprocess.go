// Package blogprocess runs the program blog as a child process on a free
// loopback port.
package blogprocess

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/otelactivity/activitylog/internal/testserver/process"
)

const (
	startTime = 30 * time.Second
	stopTime  = 30 * time.Second // more than it gives its telemetry
)

// Blog is a blog service that was started.
type Blog struct {
	URL     string // "http://127.0.0.1:41234"
	log     process.Log
	running *process.Process
}

// Start starts the program at binary with its data in dir and waits until it
// listens. env is added to our own environment, args to its arguments.
func Start(ctx context.Context, binary, dir string, env []string, args ...string) (*Blog, error) {
	b := &Blog{}
	cmd := exec.Command(binary, append([]string{
		"-addr=127.0.0.1:0", "-db=" + filepath.Join(dir, "blog.db"),
	}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var err error
	if b.running, err = process.Start(cmd, &b.log); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := b.running.WaitUntil(ctx, b.listens); err != nil {
		b.running.Kill()
		return nil, err
	}
	return b, nil
}

func (b *Blog) listens(context.Context) (err error) {
	b.URL, err = b.log.AfterPrefix("listening on ")
	return err
}

// Stop sends SIGTERM and waits until the blog has sent its telemetry.
func (b *Blog) Stop() error { return b.running.Stop(syscall.SIGTERM, stopTime) }

// Kill ends the blog at once.
func (b *Blog) Kill() { b.running.Kill() }

// LogTail returns the last n lines that the blog printed.
func (b *Blog) LogTail(n int) string { return b.log.Tail(n) }
