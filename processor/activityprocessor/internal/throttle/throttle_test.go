package throttle

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelactivity/activitylog/activity"
)

// clock is a time that stands still until a test moves it.
type clock struct{ at time.Time }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func throttleOf(t *testing.T, cfg Config) (*Throttle, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)}
	throttle := New(cfg)
	throttle.now = func() time.Time { return c.at }
	return throttle, c
}

// part is n activities of a service, for a tenant if that is not empty.
type part struct {
	service, tenant string
	n               int
}

func logs(parts ...part) plog.Logs {
	ld := plog.NewLogs()
	for _, p := range parts {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr(activity.ServiceNameKey, p.service)
		records := rl.ScopeLogs().AppendEmpty().LogRecords()
		for range p.n {
			attrs := records.AppendEmpty().Attributes()
			attrs.PutStr(activity.ActionTypeKey, "Update")
			if p.tenant != "" {
				attrs.PutStr(activity.TenantIDKey, p.tenant)
			}
		}
	}
	return ld
}

// delay returns after which time a refused sender may try again.
func delay(t *testing.T, err error) time.Duration {
	t.Helper()
	s, ok := status.FromError(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, codes.ResourceExhausted, s.Code(), "%v", err)
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	require.Fail(t, "there is no RetryInfo; senders of gRPC would drop the request", "%v", err)
	return 0
}

func TestWithoutLimit(t *testing.T) {
	none := New(DefaultConfig())
	require.Nil(t, none, "the defaults limit nothing")
	require.NoError(t, none.Logs(logs(part{"shop", "", 100_000}), true))
	require.NoError(t, none.Traces(ptrace.NewTraces()))
}

func TestRate(t *testing.T) {
	throttle, clock := throttleOf(t, Config{Per: perService, RecordsPerSecond: 100, Burst: 500})
	send := func(n int) error { return throttle.Logs(logs(part{"shop", "", n}), false) }
	for i := range 5 { // what may come at once
		require.NoError(t, send(100), "request %d", i)
	}
	err := send(1)
	assert.Equal(t, time.Second, delay(t, err))
	require.EqualError(t, err, `activity: service "shop" sends more than 100 records per second (throttle::records_per_second); try again in 1s`)
	require.Equal(t, err.Error(), status.Convert(err).Message(), "what the sender is told")
	require.NoError(t, throttle.Logs(logs(part{"blog", "", 100}), false), "another service")
	accepted := 0
	for range 600 { // a minute of ten times as much
		clock.pass(100 * time.Millisecond)
		if send(100) == nil {
			accepted += 100
		}
	}
	assert.InDelta(t, 6000, accepted, 200, "records that were accepted in a minute")
	clock.pass(time.Hour) // the burst does not grow
	for accepted = 0; send(100) == nil; accepted += 100 {
	}
	assert.Equal(t, 500, accepted, "records at once after an hour")
}

// TestLargeRequest: one request may have more records than may come at once. It is accepted,
// since it could never be otherwise, and paid for afterwards.
func TestLargeRequest(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 100, Burst: 100})
	send := func(n int) error { return throttle.Logs(logs(part{"shop", "", n}), false) }
	require.NoError(t, send(10_000))
	assert.Equal(t, 30*time.Second, delay(t, send(1)), "the longest time that is asked for")
	clock.pass(98 * time.Second)
	require.Error(t, send(1), "all of the request is owed")
	clock.pass(2 * time.Second)
	require.NoError(t, send(1))
}

func TestPerTenant(t *testing.T) {
	throttle, _ := throttleOf(t, Config{Per: perTenant, RecordsPerSecond: 10, Burst: 10})
	send := func(p part) error { return throttle.Logs(logs(p), false) }
	for _, p := range []part{{"shop", "acme", 10}, {"shop", "globex", 10}, {"shop", "", 10}, {"acme", "", 10}} {
		require.NoError(t, send(p), "%+v", p)
	}
	err := send(part{"another service", "acme", 1})
	delay(t, err)
	require.ErrorContains(t, err, `tenant "acme"`)
	require.ErrorContains(t, send(part{"shop", "", 1}), `service "shop"`, "records without a tenant")
}

// TestSeveralInOneRequest: a request of a collector in front is refused for the larger part of
// its records.
func TestSeveralInOneRequest(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 10, Burst: 10})
	require.NoError(t, throttle.Logs(logs(part{"flood", "", 10}), false))
	half := logs(part{"a", "", 3}, part{"flood", "", 5}, part{"b", "", 2})
	require.NoError(t, throttle.Logs(half, false), "half of the records are above the limit")
	delay(t, throttle.Logs(logs(part{"a", "", 1}, part{"flood", "", 5}, part{"b", "", 2}), false))
	clock.pass(400 * time.Millisecond)
	require.NoError(t, throttle.Logs(logs(part{"a", "", 10}), false), "a refused request counts for nobody in it")
}

// TestLongRun: whatever the size of requests, no more comes in than the limit, and one request.
func TestLongRun(t *testing.T) {
	for _, size := range []int{1, 15, 50, 512} {
		throttle, clock := throttleOf(t, Config{RecordsPerSecond: 2})
		accepted := 0
		for range 3600 {
			clock.pass(time.Second)
			for range 5 {
				if throttle.Logs(logs(part{"shop", "", size}), false) == nil {
					accepted += size
				}
			}
		}
		assert.LessOrEqual(t, accepted, 20+2*3600+size, "requests of %d", size)
		assert.GreaterOrEqual(t, accepted, 2*3600-size, "requests of %d", size)
	}
}

// TestNews: the log has each name, and once a minute.
func TestNews(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 1, Burst: 1})
	news := func(service string) bool {
		var refusal *RefusedError
		require.ErrorAs(t, throttle.Logs(logs(part{service, "", 1000}), false), &refusal)
		return refusal.News
	}
	for _, service := range []string{"shop", "blog"} {
		require.NoError(t, throttle.Logs(logs(part{service, "", 1000}), false))
		assert.True(t, news(service), service)
		assert.False(t, news(service), service)
	}
	clock.pass(time.Minute)
	assert.True(t, news("shop"), "a minute later")
}

// TestDebtIsBounded: what a service sends above its limit as the smaller part of others'
// requests is owed up to the burst, too. Else it would be refused for hours afterwards.
func TestDebtIsBounded(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 100, Burst: 100})
	for i := range 100 {
		require.NoError(t, throttle.Logs(logs(part{"flood", "", 100}, part{fmt.Sprint("other ", i), "", 100}), false))
	}
	assert.Equal(t, 2*time.Second, delay(t, throttle.Logs(logs(part{"flood", "", 1}), false)))
	clock.pass(2 * time.Second)
	require.NoError(t, throttle.Logs(logs(part{"flood", "", 1}), false), "after the time that the error said")
}

func TestWhatCounts(t *testing.T) {
	spans := func(kind ptrace.SpanKind, action string) ptrace.Traces {
		td := ptrace.NewTraces()
		span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		span.SetKind(kind)
		if action != "" {
			span.Attributes().PutStr(activity.ActionTypeKey, action)
		}
		return td
	}
	line := plog.NewLogs()
	line.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr("listening")
	for name, test := range map[string]struct {
		send func(*Throttle) error
		want bool
	}{
		"a server's span":     {func(t *Throttle) error { return t.Traces(spans(ptrace.SpanKindServer, "")) }, true},
		"a consumer's span":   {func(t *Throttle) error { return t.Traces(spans(ptrace.SpanKindConsumer, "")) }, true},
		"an inner span":       {func(t *Throttle) error { return t.Traces(spans(ptrace.SpanKindInternal, "")) }, false},
		"an inner activity":   {func(t *Throttle) error { return t.Traces(spans(ptrace.SpanKindInternal, "Update")) }, true},
		"a declared activity": {func(t *Throttle) error { return t.Logs(logs(part{"", "", 1}), false) }, true},
		"a line of a log":     {func(t *Throttle) error { return t.Logs(line, false) }, false},
		"a line, with rules":  {func(t *Throttle) error { return t.Logs(line, true) }, true},
	} {
		throttle, _ := throttleOf(t, Config{RecordsPerSecond: 1, Burst: 1})
		require.NoError(t, test.send(throttle), name)
		assert.Equal(t, test.want, test.send(throttle) != nil, name)
	}
}

// TestManyNames: who invents names gets what one may send, and the memory is bounded.
func TestManyNames(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 10, Burst: 10})
	name := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", 1<<10)) }
	for i := range maxKeys {
		require.NoError(t, throttle.Logs(logs(part{name(i), "", 10}), false))
	}
	accepted := 0
	for i := range 1000 {
		if throttle.Logs(logs(part{name(maxKeys + i), "", 10}), false) == nil {
			accepted++
		}
	}
	assert.Equal(t, 1, accepted, "requests of further names")
	assert.Len(t, throttle.keys, maxKeys)
	for k := range throttle.keys {
		require.LessOrEqual(t, len(k.name), maxName)
	}
	clock.pass(10 * time.Second) // those names are quiet, and are forgotten
	for i := range 100 {
		require.NoError(t, throttle.Logs(logs(part{fmt.Sprint("later ", i), "", 10}), false))
	}
	assert.Len(t, throttle.keys, 100)
}

// TestManyNamesInOneRequest: a request with a further name for each of its records is owed as a
// whole, like one with a single name.
func TestManyNamesInOneRequest(t *testing.T) {
	const records, rate = 10_000, 100
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: rate, Burst: rate})
	busy := func() { // all that have a limit of their own still need it
		for i := range maxKeys {
			require.NoError(t, throttle.Logs(logs(part{fmt.Sprint("busy ", i), "", rate}), false))
		}
	}
	busy()
	invented := make([]part, records)
	for i := range invented {
		invented[i] = part{fmt.Sprint("invented ", i), "", 1}
	}
	require.NoError(t, throttle.Logs(logs(invented...), false))
	clock.pass(records/rate*time.Second - 2*time.Second)
	busy()
	delay(t, throttle.Logs(logs(invented...), false))
	clock.pass(2 * time.Second)
	busy()
	require.NoError(t, throttle.Logs(logs(part{"another", "", 1}), false), "after the time that the records take")
}

func TestConcurrently(t *testing.T) {
	throttle, _ := throttleOf(t, Config{RecordsPerSecond: 1000, Burst: 1000})
	var accepted [4]int
	var wait sync.WaitGroup
	for i := range accepted {
		wait.Go(func() {
			for range 1000 {
				if throttle.Logs(logs(part{"shop", "", 1}), false) == nil {
					accepted[i]++
				}
			}
		})
	}
	wait.Wait()
	assert.Equal(t, 1000, accepted[0]+accepted[1]+accepted[2]+accepted[3], "of 4,000")
}
