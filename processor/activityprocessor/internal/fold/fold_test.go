package fold

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"github.com/otelactivity/activitylog/activity"
)

type attrs = map[string]any

// sink is the next component.
type sink struct {
	mu   sync.Mutex
	err  error
	rows []attrs
}

func (s *sink) send(_ context.Context, td ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		td.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { return true }) // it is the sink's
		return s.err
	}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				s.rows = append(s.rows, span.Attributes().AsRaw())
			}
		}
	}
	return nil
}

func (s *sink) fails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// take returns the rows since the last call.
func (s *sink) take() (rows []attrs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, s.rows = s.rows, nil
	return rows
}

func start(t *testing.T) (*Traces, *sink) {
	t.Helper()
	s := &sink{}
	f := NewTraces(DefaultConfig(), zap.NewNop(), s.send)
	f.Start()
	return f, s
}

// refused returns the attributes of a derived refusal, with more.
func refused(n int, more attrs) attrs {
	id := activity.HashID(time.UnixMilli(1_700_000_000_000).Add(time.Duration(n)*time.Second), fmt.Append(nil, n))
	a := attrs{
		activity.IDKey: id.String(), activity.SourceKey: "derived", activity.ActionTypeKey: "Read", activity.ActionNameKey: "GET /articles/{id}",
		activity.StatusKey: "Failed", activity.ErrorTypeKey: "401", activity.ActorTypeKey: "anonymous", activity.ClientAddressKey: "203.0.113.7",
		activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17", activity.RemarksKey: "anonymous failed to read article 17",
		activity.UserAgentKey: "curl/8.4.0",
	}
	for key, value := range more {
		if a[key] = value; value == nil {
			delete(a, key)
		}
	}
	return a
}

// pass sends refusals in one batch, and returns how many stay, and how many were counted.
func pass(t testing.TB, f *Traces, all ...attrs) (stay, counted int) {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "blog")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for _, a := range all {
		require.NoError(t, spans.AppendEmpty().Attributes().FromRaw(a))
	}
	counted = f.Fold(td, func(pcommon.Map) bool { return true })
	return td.SpanCount(), counted
}

func TestFold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, s := start(t)
		for n := range 42 {
			stay, counted := pass(t, f, refused(n, nil))
			assert.Equal(t, n == 0, stay == 1)
			assert.Equal(t, n > 0, counted == 1)
			time.Sleep(time.Second)
		}
		assert.Empty(t, s.take())
		time.Sleep(22 * time.Second)
		rows := s.take()
		require.Len(t, rows, 1)
		assert.Equal(t, refused(1, attrs{
			activity.RemarksKey: "anonymous failed to read article 17, 41 times",
			activity.DataKey:    attrs{"count": int64(41), "first": "2023-11-14T22:13:21Z", "last": "2023-11-14T22:14:01Z"},
		}), rows[0])
		stay, _ := pass(t, f, refused(42, nil), refused(43, nil))
		assert.Equal(t, 1, stay, "a new minute has a first one of its own")
		require.NoError(t, f.Shutdown(context.Background()))
		assert.Equal(t, []attrs{refused(43, nil)}, s.take(), "one alone is a row as it is")
		stay, _ = pass(t, f, refused(44, nil), refused(45, nil))
		assert.Equal(t, 2, stay, "nothing is counted that nobody will write")
	})
}

// Each of these is another refusal than that of the table above it.
func TestWhatIsFoldedTogether(t *testing.T) {
	login := attrs{activity.ActionTypeKey: "Login Failed", activity.ActionNameKey: "POST /login", activity.ObjectTypeKey: nil, activity.ObjectIDKey: nil,
		activity.RemarksKey: "bob failed to log in from 203.0.113.7", activity.DataKey: attrs{"claimed": "bob"}}
	with := func(base, more attrs) attrs {
		all := attrs{}
		for _, m := range []attrs{base, more} {
			for key, value := range m {
				all[key] = value
			}
		}
		return all
	}
	for name, tt := range map[string]struct {
		first, second attrs
		folded        bool
	}{
		"the same":             {nil, nil, true},
		"another object":       {nil, attrs{activity.ObjectIDKey: "18"}, true},
		"another agent":        {nil, attrs{activity.UserAgentKey: "x"}, true},
		"another address":      {nil, attrs{activity.ClientAddressKey: "203.0.113.8"}, false},
		"another route":        {nil, attrs{activity.ActionNameKey: "GET /posts/{id}"}, false},
		"another code":         {nil, attrs{activity.ErrorTypeKey: "403"}, false},
		"gRPC":                 {attrs{activity.ErrorTypeKey: "PERMISSION_DENIED"}, attrs{activity.ErrorTypeKey: "PERMISSION_DENIED"}, true},
		"the code alone":       {attrs{activity.ErrorTypeKey: nil, "http.response.status_code": int64(403)}, attrs{activity.ErrorTypeKey: nil, "http.response.status_code": int64(403)}, true},
		"not found":            {attrs{activity.ErrorTypeKey: "404"}, attrs{activity.ErrorTypeKey: "404"}, false},
		"success":              {attrs{activity.StatusKey: "Success"}, attrs{activity.StatusKey: "Success"}, false},
		"somebody":             {attrs{activity.ActorIDKey: "42", activity.ActorTypeKey: "user"}, attrs{activity.ActorIDKey: "42", activity.ActorTypeKey: "user"}, false},
		"a system":             {attrs{activity.ActorTypeKey: "system"}, attrs{activity.ActorTypeKey: "system"}, false},
		"declared":             {attrs{activity.SourceKey: "declared"}, attrs{activity.SourceKey: "declared"}, false},
		"login":                {login, login, true},
		"another name claimed": {login, with(login, attrs{activity.DataKey: attrs{"claimed": "eve"}}), false},
		"login attempt":        {with(login, attrs{activity.ActionTypeKey: "Login Attempt", activity.StatusKey: "Success", activity.ErrorTypeKey: nil}), with(login, attrs{activity.ActionTypeKey: "Login Attempt", activity.StatusKey: "Success", activity.ErrorTypeKey: nil}), true},
		"data that is a text":  {attrs{activity.DataKey: "x"}, attrs{activity.DataKey: "x"}, false},
		"a row of several":     {attrs{activity.DataKey: attrs{"count": int64(3)}}, attrs{activity.DataKey: attrs{"count": int64(3)}}, false},
		"without an id":        {attrs{activity.IDKey: "x"}, attrs{activity.IDKey: "x"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := start(t)
			stay, counted := pass(t, f, refused(0, tt.first), refused(1, tt.second))
			assert.Equal(t, map[bool]int{true: 1, false: 2}[tt.folded], stay)
			assert.Equal(t, map[bool]int{true: 1, false: 0}[tt.folded], counted)
			require.NoError(t, f.Shutdown(t.Context()))
		})
	}
}

// What differs between the refusals is not in their row.
func TestRowStatesOnlyWhatIsTrueOfAll(t *testing.T) {
	parent := func(id string) attrs { return attrs{"parent": attrs{"type": "user", "id": id}, "a": "same"} }
	for name, tt := range map[string]struct {
		first, second attrs
		without       []string
		remarks       string
		data          attrs // besides count, first and last
	}{
		"id":     {nil, attrs{activity.ObjectIDKey: "18", activity.RemarksKey: "anonymous failed to read article 18"}, []string{activity.ObjectIDKey}, "anonymous failed to read article, 2 times", nil},
		"name":   {attrs{activity.ObjectNameKey: "x"}, attrs{activity.ObjectIDKey: "18", activity.ObjectNameKey: "x", activity.RemarksKey: "anonymous failed to read article 18"}, []string{activity.ObjectIDKey, activity.ObjectNameKey}, "anonymous failed to read article, 2 times", nil},
		"agent":  {nil, attrs{activity.UserAgentKey: "x"}, []string{activity.UserAgentKey}, "anonymous failed to read article 17, 2 times", nil},
		"absent": {nil, attrs{activity.UserAgentKey: nil}, []string{activity.UserAgentKey}, "anonymous failed to read article 17, 2 times", nil},
		"parent": {attrs{activity.DataKey: parent("3"), activity.RemarksKey: "anonymous failed to read article 17 of user 3"},
			attrs{activity.DataKey: parent("4"), activity.RemarksKey: "anonymous failed to read article 17 of user 4"}, nil, "anonymous failed to read article 17, 2 times", attrs{"a": "same"}},
		"own remarks":            {attrs{activity.RemarksKey: "no entry"}, attrs{activity.RemarksKey: "no entry"}, nil, "no entry", nil},
		"different remarks":      {attrs{activity.RemarksKey: "no entry"}, attrs{activity.RemarksKey: "go away"}, []string{activity.RemarksKey}, "", nil},
		"own and default remark": {nil, attrs{activity.RemarksKey: "go away"}, []string{activity.RemarksKey}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := start(t)
			stay, _ := pass(t, f, refused(0, nil), refused(1, tt.first), refused(2, tt.second))
			require.Equal(t, 1, stay)
			require.NoError(t, f.Shutdown(t.Context()))
			rows := s.take()
			require.Len(t, rows, 1)
			for _, key := range tt.without {
				assert.NotContains(t, rows[0], key)
			}
			if tt.remarks != "" {
				assert.Equal(t, tt.remarks, rows[0][activity.RemarksKey])
			}
			data := rows[0][activity.DataKey].(attrs)
			assert.EqualValues(t, 2, data["count"])
			for key, value := range tt.data {
				assert.Equal(t, value, data[key])
			}
			assert.Len(t, data, 3+len(tt.data))
		})
	}
}

// The same spans come again, because a sender did not get the answer, or the next component
// did not take the batch.
func TestSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, s := start(t)
		all := []attrs{refused(0, nil), refused(1, nil), refused(2, nil)}
		for range 3 {
			stay, _ := pass(t, f, all...)
			assert.Equal(t, 1, stay, "the first one is the same row again")
			time.Sleep(10 * time.Second)
		}
		time.Sleep(40 * time.Second)
		rows := s.take()
		require.Len(t, rows, 1)
		assert.EqualValues(t, 2, rows[0][activity.DataKey].(attrs)["count"])
		stay, counted := pass(t, f, all...)
		assert.Equal(t, 1, stay)
		assert.Zero(t, counted, "also after the minute")
		stay, counted = pass(t, f, refused(3, nil), refused(4, nil))
		assert.Equal(t, []int{1, 1}, []int{stay, counted})
		stay, counted = pass(t, f, all...)
		assert.Equal(t, []int{1, 0}, []int{stay, counted}, "the first of another minute is not a further one of this")
		require.NoError(t, f.Shutdown(context.Background()))
		assert.Equal(t, []attrs{refused(4, nil)}, s.take())
	})
}

func TestRefusedByTheNextComponent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, s := start(t)
		s.fails(errors.New("full"))
		pass(t, f, refused(0, nil), refused(1, nil), refused(2, nil))
		time.Sleep(5 * time.Minute)
		s.fails(nil)
		time.Sleep(5 * time.Second)
		rows := s.take()
		require.Len(t, rows, 1)
		assert.EqualValues(t, 2, rows[0][activity.DataKey].(attrs)["count"])

		s.fails(consumererror.NewPermanent(errors.New("never")))
		pass(t, f, refused(3, nil), refused(4, nil))
		time.Sleep(2 * time.Minute)
		s.fails(errors.New("full"))
		pass(t, f, refused(5, nil), refused(6, nil), refused(7, nil))
		require.EqualError(t, f.Shutdown(context.Background()), "write 2 folded refusals: full")
		assert.Empty(t, s.take())
	})
}

// A scanner that has a new route, a new name or a new address each time takes no more
// memory, and what it did is counted all the same.
func TestFlood(t *testing.T) {
	for name, tt := range map[string]struct {
		more func(n int) attrs
		rows int // at most, besides that of the first ones
	}{
		"routes":    {func(n int) attrs { return attrs{activity.ActionNameKey: fmt.Sprint("GET /", n)} }, maxOfClient + 1},
		"addresses": {func(n int) attrs { return attrs{activity.ClientAddressKey: fmt.Sprint("2001:db8::", n)} }, maxAll},
		"names": {func(n int) attrs {
			return attrs{activity.ActionTypeKey: "Login Failed", activity.DataKey: attrs{"claimed": fmt.Sprint("user", n)}}
		}, maxOfClient + 1},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := start(t)
			const n = 30_000
			stayed, counted := 0, 0
			for i := range n {
				stay, c := pass(t, f, refused(i, tt.more(i)))
				stayed, counted = stayed+stay, counted+c
			}
			assert.LessOrEqual(t, stayed, tt.rows+1)
			assert.Equal(t, n, stayed+counted)
			assert.LessOrEqual(t, len(f.entries), maxAll)
			require.NoError(t, f.Shutdown(t.Context()))
			total := 0
			for _, row := range s.take() {
				total += countOf(row)
			}
			assert.Equal(t, counted, total)
			assert.Empty(t, f.entries)
			assert.Empty(t, f.clients)
			assert.Zero(t, f.fine)
		})
	}
}

func countOf(row attrs) int {
	if data, ok := row[activity.DataKey].(attrs); ok && data["count"] != nil {
		return int(data["count"].(int64))
	}
	return 1
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(time.Hour)
	now := time.Unix(0, 0)
	first := activity.NewID()
	m.put(first, true, now)
	for range 3 * maxIDs {
		m.put(activity.NewID(), false, now)
	}
	assert.LessOrEqual(t, len(m.present)+len(m.past), 2*maxIDs)
	_, seen := m.get(first)
	assert.False(t, seen)
	m.put(first, true, now)
	m.put(activity.NewID(), false, now.Add(61*time.Minute))
	isFirst, seen := m.get(first)
	assert.True(t, isFirst && seen, "it is in the past generation")
	m.put(activity.NewID(), false, now.Add(122*time.Minute))
	_, seen = m.get(first)
	assert.False(t, seen)
}

// Requests come at the same time as windows end, and none is lost or counted twice.
func TestAtTheSameTime(t *testing.T) {
	s := &sink{}
	f := newFolder(50*time.Millisecond, zap.NewNop(), NewTraces(DefaultConfig(), zap.NewNop(), s.send).carrier)
	f.Start()
	var all sync.WaitGroup
	var mu sync.Mutex
	stayed := 0
	const workers, each = 4, 2000
	for w := range workers {
		all.Go(func() {
			for i := range each {
				stay, _ := pass(t, &Traces{f}, refused(w*each+i, nil))
				mu.Lock()
				stayed += stay
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.NoError(t, f.Shutdown(t.Context()))
	total := 0
	for _, row := range s.take() {
		total += countOf(row)
	}
	assert.Equal(t, workers*each, stayed+total)
	assert.Positive(t, total)
}
