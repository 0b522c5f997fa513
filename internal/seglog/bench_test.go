package seglog

import (
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/internal/seglog/seglogtest"
)

const (
	benchWriters = 64
	benchPayload = 600 // bytes, about one activity
)

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
	benchmarkWriters(b, seglogtest.NewRawGroups(b).Append)
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
