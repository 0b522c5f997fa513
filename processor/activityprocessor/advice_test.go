package activityprocessor

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return text
}

const adviceMessage = "No request of a service names a user, so they did not become rows."

// requests returns n requests of a service in one batch, each with its own trace.
func requests(t *testing.T, service string, n int, a attrs) ptrace.Traces {
	t.Helper()
	td, _ := newSpan(t, a)
	rs := td.ResourceSpans().At(0)
	rs.Resource().Attributes().PutStr("service.name", service)
	spans := rs.ScopeSpans().At(0).Spans()
	for i := 1; i < n; i++ {
		one := spans.AppendEmpty()
		spans.At(0).CopyTo(one)
		one.SetSpanID(pcommon.SpanID{byte(i), byte(i >> 8), 1})
	}
	return td
}

func observed(t *testing.T, cfg *Config) (*activityProcessor, *observer.ObservedLogs) {
	t.Helper()
	core, logged := observer.New(zapcore.InfoLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	p, err := newActivityProcessor(cfg, set)
	require.NoError(t, err)
	require.NoError(t, p.start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, p.shutdown(t.Context())) })
	return p, logged
}

// A service whose requests name nobody is reported soon, then at most every ten minutes,
// and with nothing of its requests.
func TestServiceWithoutUsers(t *testing.T) {
	p, logged := observed(t, configOf(t, `drop_others: false`))
	now := time.Unix(1_700_000_000, 0)
	p.advice.now = func() time.Time { return now }
	nobody := attrs{"http.request.method": "PUT", "url.path": "/secret-of-alice/17", "http.response.status_code": 200}
	send := func(service string, n int, a attrs) {
		t.Helper()
		_, err := p.processTraces(t.Context(), requests(t, service, n, a))
		require.NoError(t, err)
	}
	lines := func() []observer.LoggedEntry { return logged.FilterMessage(adviceMessage).All() }
	send("verdaccio", 12, nobody)
	assert.Empty(t, lines(), "too few to say so")
	send("verdaccio", 10, nobody)
	require.Len(t, lines(), 1)
	assert.Equal(t, zapcore.InfoLevel, lines()[0].Level)
	assert.Equal(t, map[string]any{"service": "verdaccio", "requests": int64(22), "see": "docs/develop/identify-users.md"},
		lines()[0].ContextMap())
	now = now.Add(adviceInterval - time.Second)
	send("verdaccio", 100, nobody)
	assert.Len(t, lines(), 1, "at most every ten minutes")
	now = now.Add(time.Second)
	send("verdaccio", 1, nobody)
	require.Len(t, lines(), 2)
	assert.Equal(t, int64(101), lines()[1].ContextMap()["requests"])

	somebody := attrs{"http.request.method": "GET", "url.path": "/x", "user.id": "42"}
	send("blog", 1, somebody)
	send("blog", 100, nobody)
	send("verdaccio", 1, somebody)
	now = now.Add(adviceInterval)
	send("verdaccio", 100, nobody)
	assert.Len(t, lines(), 2, "services that name users are not reported")

	refused := attrs{"http.request.method": "PUT", "url.path": "/x", "http.response.status_code": 401}
	send("door", 100, refused)
	assert.Len(t, lines(), 2, "these are rows")
	for _, line := range logged.All() {
		assert.NotContains(t, fmt.Sprint(line), "secret")
	}
}

// Names of services come from outside: neither memory nor log may grow with them, and a
// secret in one does not reach the log.
func TestHostileServiceNames(t *testing.T) {
	p, logged := observed(t, configOf(t, `drop_others: false`))
	nobody := attrs{"http.request.method": "PUT", "url.path": "/articles/17"}
	_, err := p.processTraces(t.Context(), requests(t, "password=hunter2 "+strings.Repeat("é", 1<<16), adviceAfter, nobody))
	require.NoError(t, err)
	lines := logged.FilterMessage(adviceMessage)
	require.Equal(t, 1, lines.Len())
	name := lines.All()[0].ContextMap()["service"].(string)
	assert.LessOrEqual(t, len(name), adviceName)
	assert.NotContains(t, name, "hunter2")
	for i := range 3 * adviceServices {
		_, err := p.processTraces(t.Context(), requests(t, fmt.Sprint("s", i), adviceAfter, nobody))
		require.NoError(t, err)
	}
	assert.Equal(t, adviceServices, p.advice.services.Len())
	assert.Equal(t, adviceLines, logged.FilterMessage(adviceMessage).Len())
}

// Services that declare their activities name the users there.
func TestServiceThatDeclares(t *testing.T) {
	p, logged := observed(t, defaults())
	p.declared.AddService("blog")
	_, err := p.processTraces(t.Context(), requests(t, "blog", 100, attrs{"http.request.method": "PUT", "url.path": "/articles/17"}))
	require.Error(t, err, "nothing is left to pass on")
	assert.Zero(t, logged.FilterMessage(adviceMessage).Len())
}

// The rules that are in use are logged once for all instances.
func TestRulesAreLogged(t *testing.T) {
	cfg := configOf(t, skippedPolicy)
	_, logged := observed(t, cfg)
	_, again := observed(t, cfg)
	lines := logged.FilterMessageSnippet("rules").All()
	require.Len(t, lines, 1)
	assert.Equal(t, []any{"health", "web", "db", "lines"}, lines[0].ContextMap()["rules"])
	assert.Zero(t, again.Len())
}
