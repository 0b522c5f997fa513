package credential

import (
	"context"
	"encoding/base64"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/activity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type attrs = map[string]any

// rulesOf reads identity rules in YAML as the Collector does.
func rulesOf(t testing.TB, text string) Configs {
	t.Helper()
	var raw any
	require.NoError(t, yaml.Unmarshal([]byte(text), &raw))
	var cfg struct {
		Identity Configs `mapstructure:"identity"`
	}
	require.NoError(t, confmap.NewFromStringMap(map[string]any{"identity": raw}).Unmarshal(&cfg))
	return cfg.Identity
}

// finder returns the started finder of rules in YAML.
func finder(t testing.TB, text string, lookups Lookups, proxies ...netip.Prefix) *Finder {
	t.Helper()
	rules := rulesOf(t, text)
	require.NoError(t, confmap.Validate(&rules))
	f, err := New(rules, lookups, activity.NewProxies(proxies...), zap.NewNop())
	require.NoError(t, err)
	require.NoError(t, f.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, f.Shutdown(context.Background())) })
	return f
}

// started is when the requests of tests started.
var started = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// span returns a server span with the attributes a, alone in its ptrace.Traces.
func span(t testing.TB, a attrs) (ptrace.Traces, ptrace.Span) {
	t.Helper()
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	one := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	one.SetKind(ptrace.SpanKindServer)
	one.SetStartTimestamp(pcommon.NewTimestampFromTime(started))
	require.NoError(t, one.Attributes().FromRaw(a))
	return td, one
}

// identified returns the id, name and tenant that f finds for a request, and whether the
// actor is marked as not verified.
func identified(t testing.TB, f *Finder, a attrs) (who [3]string, claimed bool) {
	t.Helper()
	td, one := span(t, a)
	f.Traces(t.Context(), td, func(string) {})
	got := one.Attributes().AsRaw()
	for i, key := range []string{"user.id", "user.name", "activity.tenant.id"} {
		if v, ok := got[key].(string); ok {
			who[i] = v
		}
	}
	return who, got["activity.actor.verified"] == false
}

// basicOf returns the value of a header with Basic authentication.
func basicOf(pair string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// requestWith returns the attributes of a request that was answered 200, with others.
func requestWith(others attrs) attrs {
	return with(attrs{"http.request.method": "PUT", "url.path": "/articles/17", "http.response.status_code": 200}, others)
}

// with returns the attributes of a and b. One that is nil is left out.
func with(a, b attrs) attrs {
	all := attrs{}
	for _, m := range []attrs{a, b} {
		for key, value := range m {
			if all[key] = value; value == nil {
				delete(all, key)
			}
		}
	}
	return all
}
