package activityprocessor

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// refusedSpans returns a batch of requests of somebody who is not known, with the ids from
// to to, that were refused.
func refusedSpans(t *testing.T, from, to byte, more attrs) ptrace.Traces {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr(activity.ServiceNameKey, "blog")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for n := from; n <= to; n++ {
		span := spans.AppendEmpty()
		span.SetKind(ptrace.SpanKindServer)
		span.SetTraceID(pcommon.TraceID{n})
		span.SetSpanID(pcommon.SpanID{n})
		span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(time.Duration(n) * time.Second)))
		a := attrs{"http.request.method": "GET", "http.route": "/articles/{id}", "url.path": "/articles/17",
			"http.response.status_code": 401, "network.peer.address": "203.0.113.7"}
		for key, value := range more {
			a[key] = value
		}
		require.NoError(t, span.Attributes().FromRaw(a))
	}
	return td
}

// rows returns the activities that have left the processor for the exporter.
func (b *both) rows() (all []attrs) {
	for _, td := range b.spans.AllTraces() {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					if a := span.Attributes().AsRaw(); a[activity.ActionTypeKey] != nil {
						a["trace"] = span.TraceID()[0]
						all = append(all, a)
					}
				}
			}
		}
	}
	b.spans.Reset()
	return all
}

func TestRefusalsAreFolded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(*Config) {})
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), refusedSpans(t, 1, 42, nil)))
		rows := b.rows()
		require.Len(t, rows, 1)
		assert.Equal(t, "anonymous failed to read article 17", rows[0][activity.RemarksKey])
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), refusedSpans(t, 1, 42, nil)), "the sender sends again")
		assert.Len(t, b.rows(), 1, "the same row")
		time.Sleep(64 * time.Second)
		rows = b.rows()
		require.Len(t, rows, 1)
		assert.Equal(t, "anonymous failed to read article 17, 41 times", rows[0][activity.RemarksKey])
		assert.Equal(t, attrs{"count": int64(41), "first": "2000-01-01T00:00:02Z", "last": "2000-01-01T00:00:42Z"}, rows[0][activity.DataKey])
		assert.EqualValues(t, 2, rows[0]["trace"], "it leads to the first of them")
		m, err := b.telemetry.GetMetric("otelcol_processor_activity_folded")
		require.NoError(t, err)
		assert.EqualValues(t, 41, sum(t, m))
		m, err = b.telemetry.GetMetric("otelcol_processor_activity_activities")
		require.NoError(t, err)
		assert.EqualValues(t, 3, sum(t, m), "what has left: the first one, twice, and the row of the others")
	})
}

// Which requests are acts of somebody, or not refusals, are rows of their own.
func TestWhatIsNotFolded(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		more   attrs
		rows   int
	}{
		"by default":      {func(*Config) {}, nil, 1},
		"off":             {func(cfg *Config) { cfg.Fold.Enabled = false }, nil, 3},
		"a user":          {func(*Config) {}, attrs{"user.id": "42"}, 3},
		"anonymous, read": {func(cfg *Config) { cfg.Rules[1].Anonymous = new(bool); *cfg.Rules[1].Anonymous = true }, attrs{"http.response.status_code": 200}, 3},
		"login failed":    {func(*Config) {}, attrs{"http.request.method": "POST", "http.route": "/login", "url.path": "/login", "user.name": "bob"}, 1},
		"login attempt":   {func(*Config) {}, attrs{"http.request.method": "POST", "http.route": "/login", "url.path": "/login", "http.response.status_code": 302}, 1},
		"declared":        {func(*Config) {}, attrs{activity.ActionTypeKey: "Read"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoth(t, tt.change)
			require.NoError(t, b.traces.ConsumeTraces(t.Context(), refusedSpans(t, 1, 3, tt.more)))
			assert.Len(t, b.rows(), tt.rows)
		})
	}
}

// Spans that other components need go on, but are not rows.
func TestFoldedSpansGoOn(t *testing.T) {
	b := newBoth(t, func(cfg *Config) { cfg.DropOthers = false })
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), refusedSpans(t, 1, 3, nil)))
	assert.Equal(t, 3, b.spans.SpanCount())
	for i, span := range b.spans.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
		_, isActivity := span.Attributes().Get(activity.ActionTypeKey)
		skipped, _ := span.Attributes().Get(activity.SkippedKey)
		assert.Equal(t, i == 0, isActivity)
		assert.Equal(t, i > 0, skipped.Bool())
	}
}

// Lines of a log differ in their times, so the row of several has a sentence instead.
func TestRefusedLinesAreFolded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(cfg *Config) {
			*cfg = *configOf(t, `rules: [{name: ssh, context: log, match: ['IsMatch(body, "Failed password")'], set: {action.type: Login Failed, client.address: 203.0.113.7, data.claimed: root}}]`)
		})
		ld := plog.NewLogs()
		lines := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, at := range []string{"10:00:01", "10:00:02", "10:00:03"} {
			lines.AppendEmpty().Body().SetStr(at + " Failed password for root from 203.0.113.7")
		}
		require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
		require.Equal(t, 1, b.records.LogRecordCount())
		b.records.Reset()
		time.Sleep(64 * time.Second)
		require.Equal(t, 1, b.records.LogRecordCount())
		line := b.records.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		assert.Equal(t, pcommon.ValueTypeEmpty, line.Body().Type())
		remarks, _ := line.Attributes().Get(activity.RemarksKey)
		assert.Equal(t, "root failed to log in from 203.0.113.7, 2 times", remarks.Str())
		data, _ := line.Attributes().Get(activity.DataKey)
		assert.EqualValues(t, 2, data.Map().AsRaw()["count"])
	})
}
