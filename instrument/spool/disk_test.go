package spool

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDiskSurvivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	e := &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	s, l := quick(t, e, WithDir(dir))
	emit(l, names(1, 25)...)
	if _, err := New(e, WithDir(dir)); err == nil || !strings.Contains(err.Error(), "in use by another process (pid") {
		t.Errorf("a second owner: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shutdown: %v; nothing is lost", err)
	}

	e = &fakeExporter{}
	s, l = quick(t, e, WithDir(dir))
	emit(l, "activity 26")
	flush(t, s)
	if got := e.names(); !slices.Equal(got, names(1, 26)) {
		t.Errorf("sent %q", got)
	}
}

func TestFullDisk(t *testing.T) {
	e := &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	s, l := quick(t, e, WithDir(t.TempDir()), WithMaxBytes(8<<10))
	emit(l, names(1, 100)...)
	if st := s.Stats(); st.Queued != 100 {
		t.Errorf("stats %+v, want all", st)
	}
	e.sets(nil)
	flush(t, s)
	if got := e.names(); len(got) != 100 {
		t.Errorf("sent %d", len(got))
	}
}

func TestDiskThatHangs(t *testing.T) {
	e := &fakeExporter{}
	s, l := quick(t, e, WithDir(t.TempDir()), WithWriteTimeout(time.Nanosecond))
	emit(l, names(1, 20)...)
	deadline := time.Now().Add(5 * time.Second)
	sent := map[string]bool{}
	for len(sent) < 20 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
		for _, name := range e.names() {
			sent[name] = true
		}
	}
	if len(sent) != 20 {
		t.Errorf("%d of 20 were sent", len(sent))
	}
	if !s.disk.hung.Load() && len(e.names()) == 20 {
		t.Log("the disk was quicker than a nanosecond's timer")
	}
}

func TestDamagedSpool(t *testing.T) {
	dir := t.TempDir()
	e := &fakeExporter{}
	e.sets(func([]string) error { return errAway })
	s, l := quick(t, e, WithDir(dir))
	emit(l, names(1, 25)...)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.Index(b, []byte("activity 7"))] ^= 1
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var dropped []Drop
	e = &fakeExporter{}
	s, _ = quick(t, e, WithDir(dir), WithDropped(func(d Drop) {
		mu.Lock()
		defer mu.Unlock()
		dropped = append(dropped, d)
	}))
	flush(t, s)
	want := slices.DeleteFunc(names(1, 25), func(n string) bool { return n == "activity 7" })
	if got := e.names(); !slices.Equal(got, want) {
		t.Errorf("sent %q", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(dropped) != 1 || dropped[0].Reason != Unreadable || dropped[0].Count != 1 {
		t.Errorf("dropped: %+v", dropped)
	}
}

func TestRecentRecords(t *testing.T) {
	e := &fakeExporter{}
	s, l := quick(t, e, WithDir(t.TempDir()))
	for range 30 {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { emit(l, fmt.Sprint(i)) })
		}
		wg.Wait()
	}
	flush(t, s)
	if n := len(e.names()); n != 600 {
		t.Errorf("%d sent", n)
	}
	s.disk.recent.mu.Lock()
	defer s.disk.recent.mu.Unlock()
	if n := len(s.disk.recent.records); n != 0 {
		t.Errorf("%d records stay in memory", n)
	}
}
