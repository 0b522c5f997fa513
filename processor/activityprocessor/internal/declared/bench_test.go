package declared

import (
	"runtime"
	"testing"
)

// benchmarkIndex measures what one span costs in a full index.
func benchmarkIndex(b *testing.B, do func(x *Index, n int)) {
	cfg := DefaultConfig()
	x := New(cfg)
	for n := range cfg.MaxSpans {
		x.Declared(span(int(n)))
	}
	b.ReportAllocs()
	n := int(cfg.MaxSpans)
	for b.Loop() {
		n++
		do(x, n)
	}
}

func BenchmarkHas(b *testing.B) {
	benchmarkIndex(b, func(x *Index, n int) { x.Has(span(n % 100_000)) })
}

func BenchmarkHasUnused(b *testing.B) {
	x := New(DefaultConfig())
	for n := 0; b.Loop(); n++ {
		x.Has(span(n))
	}
}

func BenchmarkDeclared(b *testing.B) {
	benchmarkIndex(b, func(x *Index, n int) { x.Declared(span(n)) })
}

// BenchmarkAllDeclared measures what a span of a request costs that has a thousand.
func BenchmarkAllDeclared(b *testing.B) {
	const size = 1000
	all := make([]Span, size)
	benchmarkIndex(b, func(x *Index, n int) {
		if trace, id := span(n); n%size < size-1 {
			all[n%size] = Span{trace, id}
			return
		}
		x.AllDeclared(all)
	})
}

func BenchmarkGap(b *testing.B) {
	benchmarkIndex(b, func(x *Index, n int) { x.Gap(span(n)) })
}

// BenchmarkMemory reports the bytes that a full index takes for each span.
func BenchmarkMemory(b *testing.B) {
	cfg := DefaultConfig()
	for b.Loop() {
		before := heap()
		x := New(cfg)
		for n := range 3 * cfg.MaxSpans {
			x.Declared(span(int(n)))
		}
		b.ReportMetric(float64(heap()-before)/float64(cfg.MaxSpans), "B/span")
		runtime.KeepAlive(x)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
