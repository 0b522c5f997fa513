package seglog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// badDisk is a disk that fails on command.
type badDisk struct {
	space   atomic.Int64 // bytes that can still be written to segments; negative: no bound
	noSync  atomic.Bool
	noTrunc atomic.Bool
}

func (d *badDisk) open(name string, flag int, perm os.FileMode) (file, error) {
	f, err := openFile(name, flag, perm)
	if err != nil || strings.HasSuffix(name, ackSuffix) {
		return f, err
	}
	return &badFile{f, d}, nil
}

type badFile struct {
	file
	disk *badDisk
}

func (f *badFile) WriteAt(p []byte, off int64) (int, error) {
	space := f.disk.space.Load()
	if space < 0 || int64(len(p)) <= space {
		if space >= 0 {
			f.disk.space.Add(-int64(len(p)))
		}
		return f.file.WriteAt(p, off)
	}
	n, _ := f.file.WriteAt(p[:space], off)
	return n, syscall.ENOSPC
}

func (f *badFile) Sync() error {
	if f.disk.noSync.Load() {
		return syscall.EIO
	}
	return f.file.Sync()
}

func (f *badFile) Truncate(size int64) error {
	if f.disk.noTrunc.Load() {
		return syscall.EIO
	}
	return f.file.Truncate(size)
}

// A disk that has space again is known to have it, although nothing is written.
func TestDiskHasSpaceAgain(t *testing.T) {
	disk := &badDisk{}
	disk.space.Store(50)
	dir := t.TempDir()
	l, seen := open(t, dir, Options{openFile: disk.open, CheckInterval: 5 * time.Millisecond})
	if err := l.Append(t.Context(), []byte(strings.Repeat("no", 50))); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want ENOSPC", err)
	}
	time.Sleep(50 * time.Millisecond)
	if l.Stats().LastError == nil {
		t.Error("the disk is said to be well, and has space for less than what failed")
	}
	disk.space.Store(-1)
	for deadline := time.Now().Add(10 * time.Second); l.Stats().LastError != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after ten seconds with space: %v", l.Stats().LastError)
		}
	}
	_ = l.Close()
	if _, err := os.Stat(filepath.Join(dir, tryName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file %s is still there: %v", tryName, err)
	}
	if !slices.Equal(seen.kinds(), []Kind{KindWriteFailed, KindWriteWorks}) {
		t.Errorf("events %v", seen.list)
	}
}

func TestDiskFull(t *testing.T) {
	for _, noTrunc := range []bool{false, true} {
		t.Run(fmt.Sprintf("truncate fails %v", noTrunc), func(t *testing.T) {
			disk := &badDisk{}
			disk.space.Store(-1)
			disk.noTrunc.Store(noTrunc)
			dir := t.TempDir()
			l, seen := open(t, dir, Options{openFile: disk.open})
			appendAll(t, l, "one", "two")
			disk.space.Store(50) // header and ten bytes
			for range 3 {
				if err := l.Append(t.Context(), []byte(strings.Repeat("no", 50))); !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("got %v, want ENOSPC", err)
				}
			}
			if st := l.Stats(); !errors.Is(st.LastError, syscall.ENOSPC) || st.LastErrorAt.IsZero() {
				t.Errorf("Stats: %+v", st)
			}
			wantTexts(t, readAll(t, l), []string{"one", "two"})
			disk.space.Store(-1)
			appendAll(t, l, "three")
			wantTexts(t, readAll(t, l), []string{"three"})
			if !slices.Equal(seen.kinds(), []Kind{KindWriteFailed, KindWriteWorks}) || l.Stats().LastError != nil {
				t.Errorf("events %v, last error %v", seen.list, l.Stats().LastError)
			}
			_ = l.Close()
			l, seen = open(t, dir, Options{})
			wantTexts(t, readAll(t, l), []string{"one", "two", "three"})
			if seen.lost() != 0 {
				t.Errorf("events %v", seen.list)
			}
		})
	}
}

// What a failed fsync leaves in the kernel is unknown, so the file is not used
// any more.
func TestFailedSyncEndsTheSegment(t *testing.T) {
	disk := &badDisk{}
	disk.space.Store(-1)
	dir := t.TempDir()
	l, _ := open(t, dir, Options{openFile: disk.open})
	appendAll(t, l, "one")
	disk.noSync.Store(true)
	if err := l.Append(t.Context(), []byte("two")); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want EIO", err)
	}
	disk.noSync.Store(false)
	appendAll(t, l, "three")
	if files := segmentFiles(t, dir); len(files) != 2 {
		t.Errorf("segments: %v, want two", files)
	}
	wantTexts(t, readAll(t, l), []string{"one", "three"})
}

// TestFullTmpfs fills a real file system.
func TestFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	if err := mountTmpfs(dir, "size=256k"); err != nil {
		t.Skipf("mount a small tmpfs: %v", err)
	}
	defer unmount(dir)
	l, _ := open(t, filepath.Join(dir, "log"), Options{MaxBytes: 1 << 20, SegmentBytes: 64 << 10})
	defer l.Close()
	var err error
	taken := 0
	for ; err == nil; taken++ {
		err = l.Append(t.Context(), make([]byte, 10000))
	}
	taken--
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want ENOSPC", err)
	}
	recs := readAll(t, l)
	if len(recs) != taken {
		t.Fatalf("read %d of %d", len(recs), taken)
	}
	l.Ack(seqs(recs)...)
	appendAll(t, l, "there is space again")
	wantTexts(t, readAll(t, l), []string{"there is space again"})
}

func TestRemovedWhileRunning(t *testing.T) {
	cases := map[string]func(t *testing.T, dir string){
		"the folder": func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) },
		"the folder, replaced": func(t *testing.T, dir string) {
			must(t, os.Rename(dir, dir+".old"))
			must(t, os.Mkdir(dir, 0o700))
		},
		"all files": func(t *testing.T, dir string) {
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				must(t, os.Remove(f))
			}
		},
		"an old segment": func(t *testing.T, dir string) { must(t, os.Remove(segmentFiles(t, dir)[0])) },
		"the active segment": func(t *testing.T, dir string) {
			files := segmentFiles(t, dir)
			must(t, os.Remove(files[len(files)-1]))
		},
		"the active segment, replaced": func(t *testing.T, dir string) {
			files := segmentFiles(t, dir)
			must(t, os.Remove(files[len(files)-1]))
			must(t, os.WriteFile(files[len(files)-1], []byte("something else"), 0o600))
		},
		"the lock": func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, lockName))) },
	}
	for name, remove := range cases {
		for _, by := range []string{"Append", "Check"} {
			t.Run(name+", seen by "+by, func(t *testing.T) {
				if name == "an old segment" && by == "Append" {
					t.Skip("an append looks at the folder and at the segment that it writes to")
				}
				dir := filepath.Join(t.TempDir(), "log")
				opts := Options{MaxBytes: 512 << 10, SegmentBytes: minSegmentBytes, CheckInterval: -1}
				l, seen := open(t, dir, opts)
				pad := strings.Repeat(".", 480)
				for _, text := range numbered(1, 30) {
					appendAll(t, l, text+pad)
				}
				recs := readAll(t, l)
				l.Ack(seqs(recs[:10])...)
				remove(t, dir)
				want := numbered(11, 30)
				if by == "Append" {
					appendAll(t, l, "record 000031")
					want = append(want, "record 000031")
				} else {
					must(t, l.Check())
				}
				if len(seen.list) == 0 || slices.ContainsFunc(seen.list, func(e Event) bool { return e.Kind != KindRestored }) {
					t.Errorf("events %v, want restored", seen.list)
				}
				if _, err := Open(dir, opts); err == nil {
					t.Error("a second owner was let in")
				}
				l.closeAbruptly()
				l, seen = open(t, dir, opts)
				recs = readAll(t, l)
				for i := range recs {
					recs[i].Payload = recs[i].Payload[:min(13, len(recs[i].Payload))]
				}
				wantTexts(t, recs, want)
				if seen.lost() != 0 {
					t.Errorf("events %v", seen.list)
				}
			})
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// closeAbruptly gives the files back as the kernel does after SIGKILL: without
// writing anything.
func (l *Log) closeAbruptly() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.closing)
	}
	l.mu.Unlock()
	<-l.done
	l.closeFiles()
}

const childDir = "SEGLOG_TEST_CHILD"

// TestKilled kills a process that appends and acknowledges, again and again.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acked := make(map[string]bool) // what the child said is on disk
	done := make(map[string]bool)
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
		cmd.Env = append(os.Environ(), childDir+"="+dir, fmt.Sprintf("SEGLOG_TEST_ROUND=%d", round))
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		time.AfterFunc(time.Duration(80+40*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			text := lines.Text()
			if strings.HasPrefix(text, "done ") {
				done[text[5:]] = true
			} else if strings.HasPrefix(text, "kept ") {
				acked[text[5:]] = true
			} else if strings.HasPrefix(text, "bad ") {
				t.Fatal(text)
			}
		}
		_ = cmd.Wait()
	}
	for text := range done {
		delete(acked, text)
	}
	if len(acked) < 20 {
		t.Fatalf("only %d records to look for", len(acked))
	}
	l, seen := open(t, dir, Options{})
	for _, rec := range readAll(t, l) {
		delete(acked, string(rec.Payload))
	}
	if len(acked) > 0 || seen.lost() > 0 {
		t.Errorf("%d records lost, such as %.3v; events %v", len(acked), acked, seen.list)
	}
}

// TestChild appends and acknowledges until it is killed.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("runs as a child of TestKilled")
	}
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	l, err := Open(dir, Options{MaxBytes: 16 << 20, SegmentBytes: 16 << 10,
		OnEvent: func(e Event) {
			if e.Kind != KindTorn {
				say("bad %v", e)
			}
		}})
	if err != nil {
		say("bad %v", err)
		return
	}
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				text := fmt.Sprintf("%s/%d/%d", os.Getenv("SEGLOG_TEST_ROUND"), w, i)
				if err := l.Append(context.Background(), []byte(text)); err != nil {
					time.Sleep(time.Millisecond)
					continue
				}
				say("kept %s", text)
			}
		}()
	}
	for i := 0; ; i++ {
		rec, err := l.Next(context.Background())
		if err != nil {
			say("bad %v", err)
		}
		if i%3 > 0 {
			say("done %s", rec.Payload)
			l.Ack(rec.Seq)
		}
	}
}
