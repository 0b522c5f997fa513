package seglog

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

const (
	benchWriters = 64
	benchPayload = 600 // bytes, about one activity
)

// rawGroups is the least that group-committed appends cost: whoever comes
// first writes and syncs for all who came meanwhile.
type rawGroups struct {
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

func (r *rawGroups) append(p []byte) error {
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

func (r *rawGroups) lead() {
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

func benchmarkWriters(b *testing.B, appendOne func([]byte) error) {
	b.Helper()
	work := make(chan struct{}, benchWriters)
	var wg sync.WaitGroup
	b.ResetTimer()
	for range benchWriters {
		wg.Go(func() {
			payload := make([]byte, benchPayload)
			for range work {
				if err := appendOne(payload); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkRawGroups64(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	benchmarkWriters(b, (&rawGroups{f: f}).append)
}

func BenchmarkAppend64(b *testing.B) {
	l, err := Open(b.TempDir(), Options{MaxBytes: 4 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	benchmarkWriters(b, func(p []byte) error { return l.Append(b.Context(), p) })
}

// BenchmarkRead reads and acknowledges what was written.
func BenchmarkRead(b *testing.B) {
	l, err := Open(b.TempDir(), Options{MaxBytes: 4 << 30, openFile: noSync})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for range b.N {
		if err := l.Append(b.Context(), make([]byte, benchPayload)); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(benchPayload)
	b.ResetTimer()
	batch := make([]uint64, 0, 100)
	for range b.N {
		rec, err := l.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if batch = append(batch, rec.Seq); len(batch) == cap(batch) {
			l.Ack(batch...)
			batch = batch[:0]
		}
	}
}
