// Package seglogtest has what logs on disk are compared with.
package seglogtest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// RawGroups appends to a file, and syncs once for all appends that come at the same
// time: the first writes for the others. It does nothing else, so it is the least
// that an append to a log on this disk can cost.
type RawGroups struct {
	f    *os.File
	mu   sync.Mutex
	next *rawGroup
	busy bool
}

type rawGroup struct {
	buf  []byte
	done chan struct{}
	err  error
}

// NewRawGroups returns one with a file in a temporary folder.
func NewRawGroups(tb testing.TB) *RawGroups {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "raw"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return &RawGroups{f: f}
}

// Append returns when p is on disk.
func (r *RawGroups) Append(p []byte) error {
	r.mu.Lock()
	if r.next == nil {
		r.next = &rawGroup{done: make(chan struct{})}
	}
	g := r.next
	g.buf = append(g.buf, p...)
	leads := !r.busy
	r.busy = true
	r.mu.Unlock()
	if leads {
		r.lead()
	}
	<-g.done
	return g.err
}

func (r *RawGroups) lead() {
	r.mu.Lock()
	g := r.next
	r.next = nil
	r.mu.Unlock()
	if _, g.err = r.f.Write(g.buf); g.err == nil {
		g.err = r.f.Sync()
	}
	close(g.done)
	r.mu.Lock()
	more := r.next != nil
	r.busy = more
	r.mu.Unlock()
	if more {
		go r.lead()
	}
}
