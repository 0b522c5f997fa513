package activityprocessor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/declared"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/metadata"
)

// both is one processor in a traces and in a logs pipeline, as the Collector
// makes it.
type both struct {
	traces    processor.Traces
	logs      processor.Logs
	spans     consumertest.TracesSink
	records   consumertest.LogsSink
	telemetry *componenttest.Telemetry
}

func newBoth(t *testing.T, change func(*Config), refused ...error) *both {
	t.Helper()
	factory := NewFactory()
	cfg := defaults()
	change(cfg)
	require.NoError(t, confmap.Validate(cfg))
	b := &both{telemetry: componenttest.NewTelemetry()}
	set := processortest.NewNopSettings(metadata.Type)
	set.TelemetrySettings = b.telemetry.NewTelemetrySettings()
	var next consumer.Logs = &b.records
	if len(refused) > 0 {
		next = consumertest.NewErr(refused[0])
	}
	var err error
	b.traces, err = factory.CreateTraces(t.Context(), set, cfg, &b.spans)
	require.NoError(t, err)
	b.logs, err = factory.CreateLogs(t.Context(), set, cfg, next)
	require.NoError(t, err)
	for _, c := range []component.Component{b.traces, b.logs} {
		require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
		t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
	}
	return b
}

// counts returns the metrics when all requests are counted.
func (b *both) counts(t *testing.T) (covered, uncovered int64) {
	t.Helper()
	time.Sleep(3 * time.Minute)
	value := func(name string) int64 {
		m, err := b.telemetry.GetMetric("otelcol_processor_activity_requests_" + name)
		require.NoError(t, err)
		return sum(t, m)
	}
	return value("covered"), value("uncovered")
}

func sum(t *testing.T, m metricdata.Metrics) (total int64) {
	t.Helper()
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		total += point.Value
	}
	return total
}

// written is a span of a request that changed something, without an actor.
func written() attrs {
	return attrs{"http.request.method": "PUT", "http.route": "/articles/{id}", "url.path": "/articles/17", "http.response.status_code": 204}
}

// logOf returns a log record that declares the activity of the span, without an
// id.
func logOf(t *testing.T, trace pcommon.TraceID, span pcommon.SpanID) plog.Logs {
	ld, record := newRecord(t, attrs{activity.ActionTypeKey: "Publish", activity.ActorIDKey: "42"})
	record.SetTraceID(trace)
	record.SetSpanID(span)
	return ld
}

func spanOf(t *testing.T, trace pcommon.TraceID, span pcommon.SpanID, a attrs) ptrace.Traces {
	td, s := newSpan(t, a)
	s.SetTraceID(trace)
	s.SetSpanID(span)
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	return td
}

func TestTheDeclaredRecordWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(*Config) {})
		require.NoError(t, b.logs.ConsumeLogs(t.Context(), logOf(t, pcommon.TraceID{1}, pcommon.SpanID{1})))
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, derivable())))
		assert.Equal(t, 1, b.records.LogRecordCount())
		assert.Zero(t, b.spans.SpanCount(), "its span is not a second activity")

		require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{2}, derivable())))
		assert.Equal(t, 1, b.spans.SpanCount(), "another span of the trace is")

		covered, uncovered := b.counts(t)
		assert.Equal(t, [2]int64{1, 1}, [2]int64{covered, uncovered})
	})
}

func TestAnyRecordOfTheSpanIsNoDeclaration(t *testing.T) {
	for name, change := range map[string]func(attributes pcommon.Map){
		"a derived one":       func(a pcommon.Map) { a.PutStr(activity.SourceKey, "derived") },
		"one of another kind": func(a pcommon.Map) { a.Clear() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoth(t, func(cfg *Config) { cfg.DropOthers = false })
			ld := logOf(t, pcommon.TraceID{1}, pcommon.SpanID{1})
			change(ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes())
			require.NoError(t, b.logs.ConsumeLogs(t.Context(), ld))
			td := spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, derivable())
			require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
			assert.True(t, identity.IsActivity(td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()))
		})
	}
}

// A record that the next component refused may never come again.
func TestARefusedRecordIsNoDeclaration(t *testing.T) {
	full := errors.New("the queue is full")
	b := newBoth(t, func(*Config) {}, full)
	require.ErrorIs(t, b.logs.ConsumeLogs(t.Context(), logOf(t, pcommon.TraceID{1}, pcommon.SpanID{1})), full)
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, derivable())))
	assert.Equal(t, 1, b.spans.SpanCount())
}

// declareOnce makes the service one that declares.
func declareOnce(t *testing.T, b *both) {
	require.NoError(t, b.logs.ConsumeLogs(t.Context(), logOf(t, pcommon.TraceID{99}, pcommon.SpanID{99})))
}

func TestGapsOfAServiceThatDeclares(t *testing.T) {
	with := func(changes attrs) attrs {
		a := written()
		for key, value := range changes {
			a[key] = value
		}
		return a
	}
	for name, tt := range map[string]struct {
		declares  bool
		in        attrs
		uncovered int64
	}{
		"a change":                  {true, written(), 1},
		"old conventions":           {true, attrs{"http.method": "DELETE", "http.status_code": "200"}, 1},
		"no response, no error":     {true, attrs{"http.request.method": "POST"}, 1},
		"a service of other habits": {false, written(), 0},
		"a read":                    {true, with(attrs{"http.request.method": "GET"}), 0},
		"a failure":                 {true, with(attrs{"http.response.status_code": 500}), 0},
		"what is not to be tracked": {true, with(attrs{activity.SkippedKey: true}), 0},
		"no request":                {true, attrs{"rpc.system": "grpc"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, rows := range []bool{false, true} {
					b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = rows })
					if tt.declares {
						declareOnce(t, b)
					}
					for range 2 { // its sender repeats itself
						require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, tt.in)))
					}
					if want := 2 * int(tt.uncovered); rows {
						assert.Equal(t, want, b.spans.SpanCount(), "rows of gaps; the two have one id")
					} else {
						assert.Zero(t, b.spans.SpanCount())
					}
					covered, uncovered := b.counts(t)
					assert.Equal(t, [2]int64{0, tt.uncovered}, [2]int64{covered, uncovered})
				}
			})
		})
	}
}

func TestTheRequestsOfAClientAreNoGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = true })
		declareOnce(t, b)
		td := spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, written())
		td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).SetKind(ptrace.SpanKindClient)
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
		covered, uncovered := b.counts(t)
		assert.Equal(t, [2]int64{0, 0}, [2]int64{covered, uncovered})
	})
}

// The request around an inner span that is declared, or left out, is no gap.
func TestARequestAroundADeclaredOneIsNoGap(t *testing.T) {
	for name, tt := range map[string]struct {
		inner   attrs
		rows    int
		covered int64
	}{
		"declared": {and(written(), activity.ActionTypeKey, "Publish"), 1, 1},
		"left out": {and(written(), activity.SkippedKey, true), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = true })
				declareOnce(t, b)
				td := tracesOf(t, []requestSpan{{0, ptrace.SpanKindServer, 0, "blog", written()}, {1, ptrace.SpanKindServer, localParent, "blog", tt.inner}})
				require.NoError(t, b.traces.ConsumeTraces(t.Context(), td))
				assert.Equal(t, tt.rows, b.spans.SpanCount())
				covered, uncovered := b.counts(t)
				assert.Equal(t, [2]int64{tt.covered, 0}, [2]int64{covered, uncovered})
			})
		})
	}
}

func TestRowOfAGap(t *testing.T) {
	b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = true; cfg.Rules = nil })
	declareOnce(t, b)
	require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, written())))
	require.Equal(t, 1, b.spans.SpanCount())
	got := b.spans.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes().AsRaw()
	for key, want := range written() {
		if n, ok := want.(int); ok {
			want = int64(n)
		}
		assert.Equal(t, want, got[key])
		delete(got, key)
	}
	delete(got, activity.IDKey)
	assert.Equal(t, attrs{
		"activity.action.type": "Update", "activity.action.name": "PUT /articles/{id}", "activity.status": "Success",
		"activity.actor.type": "anonymous", "activity.object.type": "article", "activity.object.id": "17",
		"activity.remarks": "anonymous updated article 17", "activity.source": "derived",
	}, got)
}

// A span that is declared itself, as by package instrument, is covered.
func TestDeclaredSpansAreCovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = true })
		a := written()
		a[activity.ActionTypeKey] = "Publish"
		require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, a)))
		assert.Equal(t, 1, b.spans.SpanCount())
		covered, uncovered := b.counts(t)
		assert.Equal(t, [2]int64{1, 0}, [2]int64{covered, uncovered})
	})
}

// The record comes after its span: the metric knows in the end, and with a time
// to wait so does the row.
func TestTheRecordComesLate(t *testing.T) {
	for wait, rows := range map[time.Duration]int{0: 1, 2 * time.Second: 0} {
		t.Run(wait.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBoth(t, func(cfg *Config) { cfg.Coverage.Wait = declared.Wait(wait); cfg.Coverage.Rows = true })
				declareOnce(t, b)
				time.AfterFunc(time.Second, func() {
					assert.NoError(t, b.logs.ConsumeLogs(context.Background(), logOf(t, pcommon.TraceID{1}, pcommon.SpanID{1})))
				})
				before := time.Now()
				require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, derivable())))
				assert.Equal(t, wait, time.Since(before))
				assert.Equal(t, rows, b.spans.SpanCount())
				covered, uncovered := b.counts(t)
				assert.Equal(t, [2]int64{1, 0}, [2]int64{covered, uncovered})
			})
		})
	}
}

// Nobody waits for what cannot come, or has come.
func TestWhoIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(cfg *Config) { cfg.Coverage.Wait = declared.Wait(2 * time.Second) })
		before := time.Now()
		send := func(span pcommon.SpanID, a attrs) {
			require.NoError(t, b.traces.ConsumeTraces(t.Context(), spanOf(t, pcommon.TraceID{1}, span, a)))
		}
		send(pcommon.SpanID{1}, written()) // of a service that declares nothing
		declareOnce(t, b)
		require.NoError(t, b.logs.ConsumeLogs(t.Context(), logOf(t, pcommon.TraceID{1}, pcommon.SpanID{2})))
		send(pcommon.SpanID{2}, written())
		send(pcommon.SpanID{3}, attrs{activity.ActionTypeKey: "Publish"})
		send(pcommon.SpanID{4}, attrs{activity.SkippedKey: true})
		assert.Zero(t, time.Since(before))
		send(pcommon.SpanID{5}, written())
		assert.Equal(t, 2*time.Second, time.Since(before))
	})
}

// A sender that gives up is not answered as if all were well.
func TestTheSenderGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoth(t, func(cfg *Config) { cfg.Coverage.Wait = declared.Wait(2 * time.Second) })
		declareOnce(t, b)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := b.traces.ConsumeTraces(ctx, spanOf(t, pcommon.TraceID{1}, pcommon.SpanID{1}, derivable()))
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, b.spans.SpanCount())
	})
}
