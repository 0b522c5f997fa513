package declared

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func small() Config {
	cfg := DefaultConfig()
	cfg.MaxSpans = minSpans
	return cfg
}

// span returns the ids of span n.
func span(n int) (trace pcommon.TraceID, id pcommon.SpanID) {
	binary.BigEndian.PutUint64(trace[8:], uint64(n)/4+1) // a trace has some spans
	binary.BigEndian.PutUint64(id[:], uint64(n)+1)
	return trace, id
}

// size returns how many spans x holds.
func (x *Index) size() (n int) {
	for i := range x.shards {
		n += x.shards[i].young.len() + x.shards[i].old.len()
	}
	return n
}

func assertCounts(t *testing.T, x *Index, covered, uncovered int64) {
	t.Helper()
	c, u := x.Counts()
	assert.Equal(t, [2]int64{covered, uncovered}, [2]int64{c, u}, "covered and uncovered")
}

func TestDeclaredSpansAreKnownByBothIDs(t *testing.T) {
	x := New(small())
	trace, id := pcommon.TraceID{1}, pcommon.SpanID{2}
	assert.False(t, x.Has(trace, id))
	x.Declared(trace, id)
	assert.True(t, x.Has(trace, id))
	assert.False(t, x.Has(pcommon.TraceID{3}, id))
	assert.False(t, x.Has(trace, pcommon.SpanID{3}))
}

func TestWithoutIDs(t *testing.T) {
	x := New(small())
	for _, ids := range []Span{{}, {Trace: pcommon.TraceID{1}}, {ID: pcommon.SpanID{1}}} {
		x.Declared(ids.Trace, ids.ID)
		assert.False(t, x.Has(ids.Trace, ids.ID))
		assert.False(t, x.Gap(ids.Trace, ids.ID))
	}
	x.AllDeclared([]Span{{}, {Trace: pcommon.TraceID{1}}, {ID: pcommon.SpanID{1}}})
	assert.Zero(t, x.size(), "nothing is kept of them")
	assert.False(t, x.used.Load())
}

// Spans that come together are noted like those that come one by one, also when a
// generation gets full among them.
func TestAllDeclared(t *testing.T) {
	together, single := New(small()), New(small())
	var all []Span
	for n := range 400 {
		trace, id := span(n)
		all = append(all, Span{trace, id})
		if n%3 == 0 {
			together.Gap(trace, id)
			single.Gap(trace, id)
		}
	}
	together.AllDeclared(all)
	for _, s := range all {
		single.Declared(s.Trace, s.ID)
	}
	for _, s := range all {
		assert.Equal(t, single.Has(s.Trace, s.ID), together.Has(s.Trace, s.ID))
	}
	assert.Equal(t, single.size(), together.size())
	covered, uncovered := single.Counts()
	assertCounts(t, together, covered, uncovered)
}

func TestNothingIsAllocatedBeforeUse(t *testing.T) {
	x := New(DefaultConfig())
	assert.Zero(t, testing.AllocsPerRun(100, func() { x.Has(span(1)); x.HasService("blog"); x.Counts() }))
	for i := range x.shards {
		assert.Nil(t, x.shards[i].young.tags)
	}
}

// A span is known for a minute at least, whenever it came, and is forgotten
// after two, when the collector's metrics are read at the latest.
func TestTTL(t *testing.T) {
	for _, start := range []time.Duration{0, time.Second, 59 * time.Second, 3 * time.Minute} {
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprint(start, busy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := New(DefaultConfig())
					time.Sleep(start)
					x.Declared(span(1))
					for at := range 59 {
						time.Sleep(time.Second)
						if busy {
							x.Declared(span(100 + at))
							require.True(t, x.Has(span(1)), "after %d s", at+1)
						}
					}
					time.Sleep(time.Second - time.Nanosecond)
					assert.True(t, x.Has(span(1)), "after a minute")
					time.Sleep(time.Minute + time.Nanosecond)
					x.Counts()
					assert.False(t, x.Has(span(1)), "after two")
				})
			})
		}
	}
}

// What comes in between, and late, does not prolong it.
func TestTTLWithPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := New(DefaultConfig())
		x.Declared(span(1))
		time.Sleep(90 * time.Second)
		x.Counts()
		assert.True(t, x.Has(span(1)))
		time.Sleep(30 * time.Second)
		x.Counts()
		assert.False(t, x.Has(span(1)))
	})
}

func TestWhatIsNotedAgainIsKnownForLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := New(DefaultConfig())
		x.Gap(span(1))
		for range 5 {
			time.Sleep(59 * time.Second)
			x.Declared(span(1))
		}
		time.Sleep(59 * time.Second)
		assert.True(t, x.Has(span(1)))
		assertCounts(t, x, 1, 0)
	})
}

func TestBound(t *testing.T) {
	cfg := small()
	x := New(cfg)
	const all = 20 * minSpans
	for n := range all {
		x.Declared(span(n))
		require.LessOrEqual(t, x.size(), cfg.MaxSpans)
	}
	for n := all - 1; n >= all-int(cfg.MaxSpans)/4; n-- {
		require.True(t, x.Has(span(n)), "the newest stay: %d", all-n)
	}
	assert.False(t, x.Has(span(0)), "the oldest goes")
}

// Ids that are not random still spread over the shards.
func TestSpread(t *testing.T) {
	for name, ids := range map[string]func(n int) Span{
		"counted": func(n int) Span { trace, id := span(n); return Span{trace, id} },
		"high bytes": func(n int) Span {
			var k Span
			k.Trace[0] = 1
			binary.LittleEndian.PutUint64(k.ID[:], uint64(n+1)<<40)
			return k
		},
		"one span id": func(n int) Span {
			k := Span{ID: pcommon.SpanID{1}}
			binary.BigEndian.PutUint64(k.Trace[8:], uint64(n+1))
			return k
		},
	} {
		t.Run(name, func(t *testing.T) {
			var n [shards]int
			const all = 1600
			for i := range all {
				key := ids(i)
				n[shardOf(key.hash())]++
			}
			for i := range n {
				assert.InDelta(t, all/shards, n[i], 60, "shard %d", i)
			}
		})
	}
}

func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := New(DefaultConfig())
		x.Declared(span(1))
		assert.False(t, x.Gap(span(1)), "the record came first")
		assertCounts(t, x, 1, 0)
		assert.False(t, x.Gap(span(1)), "sent again")
		assertCounts(t, x, 1, 0)

		assert.True(t, x.Gap(span(2)), "no record so far")
		assertCounts(t, x, 1, 0)
		x.Declared(span(2))
		assertCounts(t, x, 2, 0)
		x.Declared(span(2))
		assertCounts(t, x, 2, 0)
		assert.False(t, x.Gap(span(2)))

		assert.True(t, x.Gap(span(3)))
		assert.True(t, x.Gap(span(3)), "sent again, and still a gap")
		assert.False(t, x.Has(span(3)), "a request is not a declaration")
		x.Declared(span(4)) // of a job: no request
		time.Sleep(59 * time.Second)
		assertCounts(t, x, 2, 0)
		time.Sleep(time.Minute + time.Second)
		assertCounts(t, x, 2, 1)

		assert.True(t, x.Gap(span(5)))
		time.Sleep(61 * time.Second)
		x.Declared(span(5)) // late, but while the request is remembered
		time.Sleep(3 * time.Minute)
		assertCounts(t, x, 3, 1)
	})
}

// Requests that are forgotten for lack of room count, too.
func TestGapsBeyondTheBoundAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := New(small())
		for n := range 10 * minSpans {
			x.Gap(span(n))
		}
		time.Sleep(3 * time.Minute)
		assertCounts(t, x, 0, 10*minSpans)
		assert.Zero(t, x.size())
	})
}

func TestServices(t *testing.T) {
	x := New(DefaultConfig())
	assert.False(t, x.HasService("blog"))
	x.AddService("blog")
	x.AddService("quiet")
	for n := range 10 * maxServices {
		x.AddService(fmt.Sprint("service ", n))
		x.AddService("blog")
		require.LessOrEqual(t, len(x.services.young)+len(x.services.old), maxServices)
	}
	assert.True(t, x.HasService("blog"), "it declares all the time")
	assert.False(t, x.HasService("quiet"))
	for n := range maxServices/2 - 1 { // the newest of them
		require.True(t, x.HasService(fmt.Sprint("service ", 10*maxServices-1-n)), n)
	}
}

// To be run with -race.
func TestManyGoroutines(t *testing.T) {
	cfg := small()
	x := New(cfg)
	var wg sync.WaitGroup
	const each = 2000
	for g := range 8 {
		wg.Go(func() {
			for n := range each {
				id := g/2*each + n // two goroutines for each span
				if g%2 == 0 {
					x.AddService(fmt.Sprint("service ", n%7))
					x.Declared(span(id))
				} else if x.HasService("service 1") {
					x.Has(span(id))
					x.Gap(span(id))
				}
				if n%100 == 0 {
					x.Counts()
				}
			}
		})
	}
	wg.Wait()
	covered, uncovered := x.Counts()
	assert.LessOrEqual(t, covered+uncovered, int64(8*each))
}
