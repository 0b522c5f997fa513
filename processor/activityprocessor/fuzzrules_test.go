package activityprocessor

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// FuzzRules makes spans and log records of the words that the fifty rules are
// about, put together at random, and sends them through these rules: no panic, what
// comes out is normalised, and once more through the same rules changes nothing.
func FuzzRules(f *testing.F) {
	p := newProcessor(f, policy50(f))
	words := policyWords(f)
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		td, ld := ptrace.NewTraces(), plog.NewLogs()
		for range n%8 + 1 {
			words.span(r, td.ResourceSpans().AppendEmpty())
			words.record(r, ld.ResourceLogs().AppendEmpty())
		}
		td, err := p.processTraces(t.Context(), td)
		require.NoError(t, err)
		ld, err = p.processLogs(t.Context(), ld)
		require.NoError(t, err)
		before := checkAll(t, td, ld)
		td, err = p.processTraces(t.Context(), td)
		require.NoError(t, err)
		ld, err = p.processLogs(t.Context(), ld)
		require.NoError(t, err)
		after := checkAll(t, td, ld)
		for i := range before {
			if before[i][activity.SkippedKey] == true {
				require.Equal(t, before[i], after[i], "what was dropped stays so")
			}
			if id := before[i][activity.IDKey]; before[i][activity.ActionTypeKey] != nil && after[i][activity.ActionTypeKey] != nil {
				require.Equal(t, id, after[i][activity.IDKey])
			}
		}
	})
}

// checkAll checks all activities, and returns the attributes of all records.
func checkAll(t *testing.T, td ptrace.Traces, ld plog.Logs) (all []attrs) {
	t.Helper()
	look := func(a pcommon.Map) {
		all = append(all, a.AsRaw())
		if !identity.IsActivity(a) {
			return
		}
		checkActivity(t, a)
		for key, v := range a.All() {
			if record.IsText(key) {
				require.Equal(t, pcommon.ValueTypeStr, v.Type(), key)
				require.Equal(t, record.Text(v), v.Str(), key)
				require.True(t, v.Str() != "" || key == activity.ActionTypeKey, key)
			}
			if key == activity.ClientAddressKey {
				require.Equal(t, activity.CleanAddress(v.Str()), v.Str())
			}
		}
		if action, _ := a.Get(activity.ActionTypeKey); action.Str() != "" {
			known, _ := activity.ParseActionType(action.Str())
			require.Equal(t, string(known), action.Str())
		}
		if data, ok := a.Get(activity.DataKey); ok && data.Type() == pcommon.ValueTypeMap {
			for name, v := range data.Map().All() {
				require.NotEqual(t, pcommon.ValueTypeEmpty, v.Type(), name)
			}
		}
	}
	for _, rs := range td.ResourceSpans().All() {
		look(rs.ScopeSpans().At(0).Spans().At(0).Attributes())
	}
	for _, rl := range ld.ResourceLogs().All() {
		look(rl.ScopeLogs().At(0).LogRecords().At(0).Attributes())
	}
	return all
}

// vocabulary is what requests are made of.
type vocabulary struct {
	services []string
	names    []string
	bodies   []string
	keys     []string
	values   []pcommon.Value
	whole    []pcommon.Map // the attributes of one request
}

// policyWords takes apart the requests of the table.
func policyWords(f *testing.F) *vocabulary {
	w := &vocabulary{services: []string{"", "other"}, names: []string{"", "PUT /articles/{id}"}, bodies: []string{"", "sudo: ", "Failed password for "}}
	_, requests := policyRequests(f)
	seen := map[string]bool{}
	for i, r := range requests {
		var b policyBatch
		b.init()
		b.add(f, i, r.text)
		w.whole = append(w.whole, b.attrs[0])
		for key, v := range b.attrs[0].All() {
			if !seen[key] {
				seen[key] = true
				w.keys = append(w.keys, key)
			}
			own := pcommon.NewValueEmpty()
			v.CopyTo(own)
			w.values = append(w.values, own)
		}
		if b.traces.SpanCount() > 0 {
			rs := b.traces.ResourceSpans().At(0)
			w.services = append(w.services, record.ServiceOf(rs.Resource()))
			w.names = append(w.names, rs.ScopeSpans().At(0).Spans().At(0).Name())
		} else if body := b.bodies[0].AsString(); body != "" {
			w.bodies = append(w.bodies, body)
		}
	}
	for _, raw := range []any{nil, "", " ", true, -1, 1e300, []byte{0xff}, []any{nil, "a"}, attrs{"a": attrs{}}, "\xff\xfe", "login", "ok", "2024-01-01"} {
		v := pcommon.NewValueEmpty()
		require.NoError(f, v.FromRaw(raw))
		w.values = append(w.values, v)
	}
	return w
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (w *vocabulary) attributes(r *rand.Rand, m pcommon.Map) {
	n := r.IntN(12)
	if r.IntN(2) == 0 {
		pick(r, w.whole).CopyTo(m)
		n = r.IntN(3)
	}
	for range n {
		pick(r, w.values).CopyTo(m.PutEmpty(pick(r, w.keys)))
	}
	if r.IntN(3) == 0 {
		m.Remove(activity.ActionTypeKey)
	}
}

func (w *vocabulary) span(r *rand.Rand, rs ptrace.ResourceSpans) {
	w.resource(r, rs.Resource().Attributes())
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetName(pick(r, w.names))
	span.SetKind(ptrace.SpanKind(r.IntN(8) - 1))
	span.Status().SetCode(ptrace.StatusCode(r.IntN(4)))
	var trace [16]byte
	binary.BigEndian.PutUint64(trace[:], r.Uint64())
	span.SetTraceID(trace)
	span.SetSpanID([8]byte(trace[:8]))
	span.SetStartTimestamp(pcommon.Timestamp(r.Uint64()))
	w.attributes(r, span.Attributes())
}

func (w *vocabulary) record(r *rand.Rand, rl plog.ResourceLogs) {
	w.resource(r, rl.Resource().Attributes())
	record := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	record.SetTimestamp(pcommon.Timestamp(r.Uint64()))
	w.attributes(r, record.Attributes())
	switch r.IntN(3) {
	case 0:
		record.Body().SetStr(pick(r, w.bodies))
	case 1:
		pick(r, w.values).CopyTo(record.Body())
	}
}

func (w *vocabulary) resource(r *rand.Rand, m pcommon.Map) {
	m.PutStr(activity.ServiceNameKey, pick(r, w.services))
	if r.IntN(4) == 0 {
		pick(r, w.values).CopyTo(m.PutEmpty("tenant"))
	}
}
