package throttle

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

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
	if !ok || s.Code() != codes.ResourceExhausted {
		t.Fatalf("got the error %v, want RESOURCE_EXHAUSTED", err)
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	t.Fatalf("%v has no RetryInfo; senders of gRPC would drop the request", err)
	return 0
}

func TestWithoutLimit(t *testing.T) {
	if throttle := New(DefaultConfig()); throttle != nil {
		t.Fatalf("the defaults limit something: %+v", throttle)
	}
	var none *Throttle
	if err := none.Logs(logs(part{"shop", "", 100_000}), true); err != nil {
		t.Error(err)
	}
	if err := none.Traces(ptrace.NewTraces()); err != nil {
		t.Error(err)
	}
}

func TestRate(t *testing.T) {
	throttle, clock := throttleOf(t, Config{Per: perService, RecordsPerSecond: 100, Burst: 500})
	send := func(n int) error { return throttle.Logs(logs(part{"shop", "", n}), false) }
	for i := range 5 { // what may come at once
		if err := send(100); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	err := send(1)
	if got := delay(t, err); got != time.Second {
		t.Errorf("try again in %s, want 1s", got)
	}
	if want := `service "shop" sends more than 100 records per second`; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	if err := throttle.Logs(logs(part{"blog", "", 100}), false); err != nil {
		t.Errorf("another service: %v", err)
	}
	accepted := 0
	for range 600 { // a minute of ten times as much
		clock.pass(100 * time.Millisecond)
		if send(100) == nil {
			accepted += 100
		}
	}
	if accepted < 5900 || accepted > 6200 {
		t.Errorf("%d records were accepted in a minute, want about 6,000", accepted)
	}
	clock.pass(time.Hour) // the burst does not grow
	for accepted = 0; send(100) == nil; accepted += 100 {
	}
	if accepted != 500 {
		t.Errorf("%d records at once after an hour, want 500", accepted)
	}
}

// TestLargeRequest: one request may have more records than may come at once. It is accepted,
// since it could never be otherwise, and paid for afterwards.
func TestLargeRequest(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 100, Burst: 100})
	send := func(n int) error { return throttle.Logs(logs(part{"shop", "", n}), false) }
	if err := send(100_000); err != nil {
		t.Fatal(err)
	}
	if got := delay(t, send(1)); got != 2*time.Second {
		t.Errorf("try again in %s, want 2s: what is owed is bounded by the burst", got)
	}
	clock.pass(2 * time.Second)
	if err := send(1); err != nil {
		t.Error("after the time that the error said:", err)
	}
}

func TestPerTenant(t *testing.T) {
	throttle, _ := throttleOf(t, Config{Per: perTenant, RecordsPerSecond: 10, Burst: 10})
	send := func(p part) error { return throttle.Logs(logs(p), false) }
	for _, p := range []part{{"shop", "acme", 10}, {"shop", "globex", 10}, {"shop", "", 10}, {"acme", "", 10}} {
		if err := send(p); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	err := send(part{"another service", "acme", 1})
	delay(t, err)
	if want := `tenant "acme"`; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not name the %s", err, want)
	}
	if err := send(part{"shop", "", 1}); !strings.Contains(fmt.Sprint(err), `service "shop"`) {
		t.Errorf("records without a tenant: %v", err)
	}
}

// TestSeveralInOneRequest: a request of a collector in front is refused for the larger part of
// its records.
func TestSeveralInOneRequest(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 10, Burst: 10})
	if err := throttle.Logs(logs(part{"flood", "", 10}), false); err != nil {
		t.Fatal(err)
	}
	if err := throttle.Logs(logs(part{"a", "", 3}, part{"flood", "", 5}, part{"b", "", 2}), false); err != nil {
		t.Errorf("half of the records are above the limit: %v", err)
	}
	delay(t, throttle.Logs(logs(part{"a", "", 1}, part{"flood", "", 5}, part{"b", "", 2}), false))
	clock.pass(400 * time.Millisecond)
	if err := throttle.Logs(logs(part{"a", "", 10}), false); err != nil {
		t.Errorf("the refused request has counted for the others in it: %v", err)
	}
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
		if err := test.send(throttle); err != nil {
			t.Fatal(name, err)
		}
		if got := test.send(throttle) != nil; got != test.want {
			t.Errorf("%s: counted %t, want %t", name, got, test.want)
		}
	}
}

// TestManyNames: who invents names gets what one may send, and the memory is bounded.
func TestManyNames(t *testing.T) {
	throttle, clock := throttleOf(t, Config{RecordsPerSecond: 10, Burst: 10})
	name := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", 1<<10)) }
	for i := range maxKeys {
		if err := throttle.Logs(logs(part{name(i), "", 10}), false); err != nil {
			t.Fatal(err)
		}
	}
	accepted := 0
	for i := range 1000 {
		if throttle.Logs(logs(part{name(maxKeys + i), "", 10}), false) == nil {
			accepted++
		}
	}
	if accepted != 1 || len(throttle.keys) != maxKeys {
		t.Errorf("%d requests of further names were accepted, want 1; %d names are kept, want %d", accepted, len(throttle.keys), maxKeys)
	}
	for k := range throttle.keys {
		if len(k.name) > maxName {
			t.Fatalf("a name of %d bytes is kept", len(k.name))
		}
	}
	clock.pass(10 * time.Second) // those names are quiet, and are forgotten
	for i := range 100 {
		if err := throttle.Logs(logs(part{fmt.Sprint("later ", i), "", 10}), false); err != nil {
			t.Fatal(err)
		}
	}
	if len(throttle.keys) != 100 {
		t.Errorf("%d names are kept, want 100", len(throttle.keys))
	}
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
	if all := accepted[0] + accepted[1] + accepted[2] + accepted[3]; all != 1000 {
		t.Errorf("%d of 4,000 were accepted, want 1,000", all)
	}
}
