// Package process runs child processes for the demonstration and the tests:
// it keeps what they print and ends them by their process id. Unix only.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// pollInterval is how often something that takes a moment is looked at again.
const pollInterval = 20 * time.Millisecond

// Process is a child process that was started.
type Process struct {
	name string
	cmd  *exec.Cmd
	log  *Log
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; set before done is closed
}

// Start starts cmd; log gets what it prints on both outputs.
func Start(cmd *exec.Cmd, log *Log) (*Process, error) {
	p := &Process{name: cmd.Path, cmd: cmd, log: log, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = time.Second // a grandchild may hold the outputs open
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// WaitUntil asks ready again and again until it returns no error. It gives up
// with the last of these errors when ctx is done, or when the process ends.
func (p *Process) WaitUntil(ctx context.Context, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pollInterval):
		case <-p.done:
			return fmt.Errorf("%s ended (%s) before it was ready: %w\n%s", p.name, p.cmd.ProcessState, err, p.log.Tail(30))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w\n%s", p.name, err, p.log.Tail(30))
		}
	}
}

// Stop sends the signal and waits for the end. A process that does not end in
// time is killed, and that is an error; so is an exit code that is not 0.
func (p *Process) Stop(sig os.Signal, within time.Duration) error {
	_ = p.cmd.Process.Signal(sig) // fails when it has ended already, which is looked at next
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%s: %w\n%s", p.name, p.err, p.log.Tail(30))
		}
		return nil
	case <-time.After(within):
		p.Kill()
		return fmt.Errorf("%s did not end within %v of %v and was killed\n%s", p.name, within, sig, p.log.Tail(30))
	}
}

// Kill ends the process at once and waits until it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails when it has ended already
	<-p.done
}

// Log keeps what one or more processes print. The zero Log is empty.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns everything that was printed.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Tail returns the last n lines.
func (l *Log) Tail(n int) string {
	lines := strings.SplitAfter(strings.TrimRight(l.String(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// AfterPrefix returns what follows prefix in the first whole line that begins
// with it.
func (l *Log) AfterPrefix(prefix string) (string, error) {
	for line := range strings.Lines(l.String()) {
		if rest, ok := strings.CutPrefix(line, prefix); ok && strings.HasSuffix(rest, "\n") {
			return strings.TrimSpace(rest), nil
		}
	}
	return "", errors.New("no line begins with " + prefix)
}

// FreeAddrs returns n loopback addresses, all different, whose ports were free
// a moment ago.
func FreeAddrs(n int) ([]string, error) {
	addrs := make([]string, n)
	for i := range addrs {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close() // only after the loop: held ports are not given twice
		addrs[i] = listener.Addr().String()
	}
	return addrs, nil
}
