package seglog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// events collects what a log tells.
type events struct {
	mu   sync.Mutex
	list []Event
}

func (e *events) add(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, ev)
}

func (e *events) kinds() (kinds []Kind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.list {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

func (e *events) lost() (records uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.list {
		records += ev.Records
	}
	return records
}

func open(t *testing.T, dir string, opts Options) (*Log, *events) {
	t.Helper()
	seen := &events{}
	if opts.OnEvent == nil {
		opts.OnEvent = seen.add
	}
	l, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, seen
}

func appendAll(t *testing.T, l *Log, payloads ...string) {
	t.Helper()
	for _, p := range payloads {
		if err := l.Append(t.Context(), []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
}

// readAll returns what can be read now, without acknowledging it.
func readAll(t *testing.T, l *Log) (recs []Record) {
	t.Helper()
	for {
		rec, ok := l.TryNext()
		if !ok {
			return recs
		}
		recs = append(recs, rec)
	}
}

func texts(recs []Record) (out []string) {
	for _, r := range recs {
		out = append(out, string(r.Payload))
	}
	return out
}

func numbered(from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprintf("record %06d", i))
	}
	return out
}

func seqs(recs []Record) (out []uint64) {
	for _, r := range recs {
		out = append(out, r.Seq)
	}
	return out
}

func wantTexts(t *testing.T, got []Record, want []string) {
	t.Helper()
	if !slices.Equal(texts(got), want) {
		t.Errorf("read %d records %.200q, want %d %.200q", len(got), texts(got), len(want), want)
	}
}

func segmentFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func TestReadInOrderAndAgainUntilAcknowledged(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{})
	appendAll(t, l, numbered(1, 10)...)
	recs := readAll(t, l)
	wantTexts(t, recs, numbered(1, 10))
	l.Ack(recs[0].Seq, recs[1].Seq, recs[2].Seq, recs[7].Seq)
	if st := l.Stats(); st.Records != 6 || st.InFlight != 6 || st.LastAck.IsZero() {
		t.Errorf("stats %+v, want 6 records in flight", st)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l, seen := open(t, dir, Options{})
	want := append(numbered(4, 7), numbered(9, 10)...)
	recs = readAll(t, l)
	wantTexts(t, recs, want)
	appendAll(t, l, "new")
	more := readAll(t, l)
	wantTexts(t, more, []string{"new"})
	l.Ack(seqs(append(recs, more...))...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if files := segmentFiles(t, dir); len(files) > 0 || len(seen.list) > 0 {
		t.Errorf("files %v and events %v are left of a log that is done", files, seen.list)
	}
}

func TestSegmentsAreDeletedInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{MaxBytes: 1 << 20, SegmentBytes: 8 << 10})
	payload := strings.Repeat("x", 1000)
	for range 50 {
		appendAll(t, l, payload)
	}
	recs := readAll(t, l)
	before := len(segmentFiles(t, dir))
	l.Ack(seqs(recs[1:])...) // the first one stays
	if after := len(segmentFiles(t, dir)); before < 6 || after != 2 {
		t.Errorf("%d segments became %d, want 2: that of the first record, and the active one", before, after)
	}
	_ = l.Close()
	l, seen := open(t, dir, Options{MaxBytes: 1 << 20, SegmentBytes: 8 << 10})
	recs = readAll(t, l)
	if len(recs) != 1 || recs[0].Seq != 1 || len(seen.list) != 0 {
		t.Errorf("after a restart: %d records, events %v; want the first record alone", len(recs), seen.list)
	}
	l.Ack(1)
	if files, _ := filepath.Glob(filepath.Join(dir, "*.*")); len(files) != 0 {
		t.Errorf("files left: %v", files)
	}
}

func TestNackIsReadAgainAndHoldsNobodyUp(t *testing.T) {
	l, _ := open(t, t.TempDir(), Options{})
	appendAll(t, l, numbered(1, 3)...)
	first, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.Nack(first.Seq, 50*time.Millisecond)
	l.Nack(first.Seq, 0) // it waits already
	rest := readAll(t, l)
	wantTexts(t, rest, numbered(2, 3))
	start := time.Now()
	again, err := l.Next(t.Context())
	if err != nil || again.Seq != first.Seq || time.Since(start) < 30*time.Millisecond {
		t.Errorf("got %+v, %v after %v; want the first record after its delay", again, err, time.Since(start))
	}
	l.Ack(again.Seq)
	l.Nack(again.Seq, 0) // no longer in flight
	if recs := readAll(t, l); len(recs) > 0 {
		t.Errorf("an acknowledged record came back: %q", texts(recs))
	}
}

func TestNextWaits(t *testing.T) {
	l, _ := open(t, t.TempDir(), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := l.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	go func() {
		time.Sleep(10 * time.Millisecond)
		_ = l.Append(context.Background(), []byte("late"))
	}()
	if rec, err := l.Next(t.Context()); err != nil || string(rec.Payload) != "late" {
		t.Errorf("got %q, %v", rec.Payload, err)
	}
	go func() {
		time.Sleep(10 * time.Millisecond)
		_ = l.Close()
	}()
	if _, err := l.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := l.Append(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestBoundedBytes(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{MaxBytes: 64 << 10, SegmentBytes: 8 << 10})
	if err := l.Append(t.Context(), make([]byte, 64<<10)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if err := l.Wait(t.Context(), 64<<10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	var err error
	count := 0
	for ; err == nil; count++ {
		err = l.Append(t.Context(), make([]byte, 960))
	}
	if !errors.Is(err, ErrFull) || count < 60 || l.Stats().Bytes > 66<<10 {
		t.Fatalf("%v after %d records in %d bytes, want ErrFull after about 64", err, count, l.Stats().Bytes)
	}
	fits := make(chan error, 1)
	go func() { fits <- l.Wait(t.Context(), 960) }()
	recs := readAll(t, l)
	l.Ack(seqs(recs[:20])...)
	if err := <-fits; err != nil {
		t.Error(err)
	}
	appendAll(t, l, "there is space")
	// One that needs nearly everything, when everything is done.
	l.Ack(seqs(append(recs[20:], readAll(t, l)...))...)
	if err := l.Append(t.Context(), make([]byte, 64<<10-segmentHeader-recordHeader)); err != nil {
		t.Errorf("the largest record does not fit into an empty log: %v", err)
	}
}

func TestConcurrentAppends(t *testing.T) {
	const writers, each = 32, 50
	dir := t.TempDir()
	l, _ := open(t, dir, Options{MaxBytes: 8 << 20, SegmentBytes: 16 << 10})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := l.Append(t.Context(), fmt.Appendf(nil, "%d/%d", w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	got := make(chan string, writers*each)
	for range 4 {
		wg.Go(func() {
			for len(got) < writers*each {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				rec, err := l.Next(ctx)
				cancel()
				if err != nil {
					continue
				}
				l.Ack(rec.Seq)
				got <- string(rec.Payload)
			}
		})
	}
	wg.Wait()
	seen := make(map[string]bool)
	close(got)
	for text := range got {
		if seen[text] {
			t.Errorf("%s twice", text)
		}
		seen[text] = true
	}
	if len(seen) != writers*each {
		t.Errorf("read %d records, want %d", len(seen), writers*each)
	}
}

func TestSecondOwnerIsRefused(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, Options{})
	_, err := Open(dir, Options{})
	var owned *OwnedError
	if !errors.As(err, &owned) || owned.Dir != dir || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
		t.Errorf("got %v, want an OwnedError that names folder and owner", err)
	}
	if in, err := Inspect(dir); err != nil || !strings.Contains(in.Owner, "pid") {
		t.Errorf("Inspect: owner %q, %v", in.Owner, err)
	}
	_ = l.Close()
	open(t, dir, Options{})
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	l, _ := open(t, dir, Options{})
	appendAll(t, l, "x")
	for path, want := range map[string]os.FileMode{
		dir: 0o700, filepath.Join(dir, lockName): 0o600, segmentFiles(t, dir)[0]: 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode().Perm(), err, want)
		}
	}
}

func TestOldestIsTheAgeOfWhatIsNotAcknowledged(t *testing.T) {
	l, _ := open(t, t.TempDir(), Options{})
	if st := l.Stats(); st.Oldest != 0 {
		t.Errorf("an empty log is %v old", st.Oldest)
	}
	appendAll(t, l, "old")
	time.Sleep(30 * time.Millisecond)
	appendAll(t, l, "young")
	if st := l.Stats(); st.Oldest < 30*time.Millisecond {
		t.Errorf("oldest %v before it is read, want at least 30ms", st.Oldest)
	}
	rec, _ := l.TryNext()
	if st := l.Stats(); st.Oldest < 30*time.Millisecond {
		t.Errorf("oldest %v in flight, want at least 30ms", st.Oldest)
	}
	l.Ack(rec.Seq)
	if st := l.Stats(); st.Oldest <= 0 || st.Oldest > 25*time.Millisecond {
		t.Errorf("oldest %v, want the age of the young one", st.Oldest)
	}
}
