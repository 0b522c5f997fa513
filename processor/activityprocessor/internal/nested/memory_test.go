package nested

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// spanOf returns a batch of one span of a trace, and the span.
func spanOf(trace uint64, id, parent byte, kind ptrace.SpanKind) (ptrace.Traces, ptrace.Span) {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	var t pcommon.TraceID
	binary.BigEndian.PutUint64(t[8:], trace+1)
	span.SetTraceID(t)
	span.SetSpanID(pcommon.SpanID{id})
	if parent > 0 {
		span.SetParentSpanID(pcommon.SpanID{parent})
	}
	span.SetKind(kind)
	return td, span
}

// isOperation takes all INTERNAL spans for operations of GraphQL.
func isOperation(span ptrace.Span) Act { return Act{Operation: span.Kind() == ptrace.SpanKindInternal} }

// inner remembers an operation whose request has the id 1.
func inner(m *Memory, trace uint64, id byte) {
	td, span := spanOf(trace, id, 1, ptrace.SpanKindInternal)
	s := m.Find(td, isOperation)
	s.Settle(s.At(s.Process(td.ResourceSpans().At(0).Resource()), span), Row, &record.Record{})
	m.Remember(s.Notes())
}

// isOuter reports whether the request with the id 1 is known to be around an operation.
func isOuter(m *Memory, trace uint64) bool {
	td, span := spanOf(trace, 1, 0, ptrace.SpanKindServer)
	s := m.Find(td, isOperation)
	place := s.At(s.Process(td.ResourceSpans().At(0).Resource()), span)
	return place != nil && place.Outer
}

func TestMemoryAges(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	m := NewMemory()
	m.now = func() time.Time { return now }
	inner(m, 1, 2)
	now = now.Add(window / 2)
	inner(m, 2, 2)
	for _, tt := range []struct {
		after      time.Duration
		one, other bool
	}{{0, true, true}, {window / 2, true, true}, {window/2 - 1, true, true}, {1, true, true}, {window, false, false}} {
		now = now.Add(tt.after)
		assert.Equal(t, tt.one, isOuter(m, 1), now)
		assert.Equal(t, tt.other, isOuter(m, 2), now)
	}
	assert.False(t, m.used.Load(), "batches cost nothing again")
	assert.Empty(t, m.young.traces)
	assert.Empty(t, m.old.traces)

	inner(m, 3, 2)
	now = now.Add(3 * window)
	assert.False(t, isOuter(m, 3), "nothing came for long")
}

func TestMemoryIsBounded(t *testing.T) {
	m := NewMemory()
	var notes Notes
	add := func(trace uint64, id byte) {
		td, _ := spanOf(trace, id, 1, ptrace.SpanKindInternal)
		found := m.Find(td, isOperation).notes
		require.Len(t, found, 1)
		found[0].settled = true
		notes = append(notes, found...)
	}
	for trace := range uint64(2*maxNotes + 10) {
		add(trace, 2)
	}
	m.Remember(notes)
	assert.LessOrEqual(t, len(m.young.notes), maxNotes)
	assert.LessOrEqual(t, len(m.old.notes), maxNotes)
	assert.False(t, isOuter(m, 0), "the oldest are forgotten")
	assert.True(t, isOuter(m, 2*maxNotes), "the newest are not")
	assert.True(t, isOuter(m, maxNotes+10))
}

// A trace may have any number of spans, and a batch may come many times.
func TestMemoryOfOneTrace(t *testing.T) {
	m := NewMemory()
	for range 2 * maxTrace {
		inner(m, 1, 2)
	}
	assert.Len(t, m.young.notes, 1)
	for id := range byte(2 * maxTrace) {
		td, span := spanOf(1, 0, 100+id, ptrace.SpanKindServer)
		span.SetSpanID(pcommon.SpanID{id, 1})
		s := m.Find(td, nil)
		s.Settle(s.At(s.Process(td.ResourceSpans().At(0).Resource()), span), Row, &record.Record{Attrs: span.Attributes()})
		m.Remember(s.Notes())
	}
	assert.Len(t, m.young.notes, maxTrace)
	assert.True(t, isOuter(m, 1))
}

// Spans of one parent are told apart, and what is known of one that comes again is kept.
func TestSpansOfOneParent(t *testing.T) {
	m := NewMemory()
	for _, one := range []struct {
		id      byte
		became  Outcome
		skipped bool
	}{{2, NoRow, false}, {3, NoRow, false}, {2, Row, false}, {3, LeftOut, true}, {2, NoRow, false}, {3, NoRow, false}} {
		td, span := spanOf(1, one.id, 1, ptrace.SpanKindServer)
		span.SetFlags(0x100) // the parent is local
		if one.skipped {
			span.Attributes().PutBool(activity.SkippedKey, true)
		}
		s := m.Find(td, nil)
		s.Settle(s.At(s.Process(td.ResourceSpans().At(0).Resource()), span), one.became, &record.Record{Attrs: span.Attributes()})
		m.Remember(s.Notes())
	}
	td, span := spanOf(1, 1, 0, ptrace.SpanKindServer)
	s := m.Find(td, nil)
	request := s.At(s.Process(td.ResourceSpans().At(0).Resource()), span).Request
	require.NotNil(t, request)
	assert.ElementsMatch(t, []Span{{span.TraceID(), pcommon.SpanID{2}, false}, {span.TraceID(), pcommon.SpanID{3}, true}}, request.Inner)
	assert.True(t, request.IsRow)
}

// What is not settled, or became nothing, is not remembered.
func TestOnlyWhatCounts(t *testing.T) {
	for outcome, want := range map[Outcome]bool{NoRow: false, LeftOut: true, Row: true} {
		m := NewMemory()
		td, span := spanOf(1, 2, 1, ptrace.SpanKindInternal)
		s := m.Find(td, isOperation)
		assert.Empty(t, s.Notes())
		s.Settle(s.At(s.Process(td.ResourceSpans().At(0).Resource()), span), outcome, &record.Record{})
		m.Remember(s.Notes())
		assert.Equal(t, want, isOuter(m, 1), outcome)
	}
}

// The nil Spans are those of nearly all batches.
func TestNothingFound(t *testing.T) {
	td, span := spanOf(1, 1, 0, ptrace.SpanKindServer)
	m := NewMemory()
	s := m.Find(td, nil)
	assert.Nil(t, s)
	assert.Nil(t, s.At(s.Process(td.ResourceSpans().At(0).Resource()), span))
	s.Settle(nil, Row, nil)
	assert.Empty(t, s.Notes())
	m.Remember(s.Notes())
	assert.False(t, m.used.Load())
	assert.Zero(t, testing.AllocsPerRun(10, func() { m.Find(td, nil) }))
}

func TestMemoryIsShared(t *testing.T) {
	m := NewMemory()
	var wg sync.WaitGroup
	for worker := range uint64(8) {
		wg.Go(func() {
			for i := range uint64(200) {
				inner(m, worker<<32|i, 2)
				assert.True(t, isOuter(m, worker<<32|i))
			}
		})
	}
	wg.Wait()
}
