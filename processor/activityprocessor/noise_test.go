package activityprocessor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otelactivity/activitylog/activity"
)

// What programs ask for by themselves is not a row, even if the span names a user. The paths
// are in testdata/noise.tsv of package route; here is what only a span has.
func TestNoise(t *testing.T) {
	get := func(path string, more attrs) attrs {
		a := attrs{"user.id": "42", "http.request.method": "GET", "url.path": path, "http.response.status_code": 200}
		for key, value := range more {
			a[key] = value
		}
		return a
	}
	for name, tt := range map[string]struct {
		in    attrs
		name  string
		rules string
		row   bool
	}{
		"health":                  {in: get("/healthz", nil)},
		"old conventions":         {in: attrs{"user.id": "42", "http.method": "GET", "http.target": "/healthz?full=1", "http.status_code": 200}},
		"static":                  {in: get("/static/app.js", nil)},
		"refused":                 {in: get("/metrics", attrs{"http.response.status_code": 403}), row: true},
		"changes something":       {in: get("/health", attrs{"http.request.method": "POST"}), row: true},
		"a browser":               {in: get("/metrics", attrs{"user_agent.original": "Mozilla/5.0 Firefox/140.0"}), row: true},
		"a browser, old":          {in: get("/metrics", attrs{"http.user_agent": "Mozilla/5.0 Firefox/140.0"}), row: true},
		"a parameter":             {in: get("/ping", attrs{"http.route": "/:package"}), row: true},
		"a parameter in the name": {in: get("/ping", nil), name: "GET /:package", row: true},
		"gRPC":                    {in: attrs{"user.id": "42", "rpc.system": "grpc", "rpc.service": "grpc.health.v1.Health", "rpc.method": "Check", "rpc.grpc.status_code": 0}, rules: "[{preset: noise}, {preset: rpc_server}]"},
		"gRPC, new":               {in: attrs{"user.id": "42", "rpc.system.name": "grpc", "rpc.method": "grpc.health.v1.Health/Check", "rpc.response.status_code": "OK"}, rules: "[{preset: noise}, {preset: rpc_server}]"},
		"other gRPC":              {in: attrs{"user.id": "42", "rpc.system": "grpc", "rpc.service": "blog.Health", "rpc.method": "Check", "rpc.grpc.status_code": 0}, rules: "[{preset: noise}, {preset: rpc_server}]", row: true},
		"without the preset":      {in: get("/healthz", nil), rules: "[{preset: http_server}]", row: true},
		"a rule before it":        {in: get("/healthz", nil), rules: "[{name: health, routes: [/healthz], set: {action.type: Read}}, {preset: noise}]", row: true},
		"a narrow one":            {in: get("/healthz", nil), rules: "[{preset: noise, services: [other]}, {preset: http_server}]", row: true},
		"a rule without a preset": {in: get("/healthz", nil), rules: "[{preset: noise, services: [other]}, {name: all, set: {object.type: x}}]"},
		"declared":                {in: get("/healthz", attrs{activity.ActionTypeKey: "Read"}), row: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults()
			if tt.rules != "" {
				cfg = configOf(t, "rules: "+tt.rules)
			}
			cfg.Privacy.Enabled, cfg.DropOthers = false, false
			td, span := newSpan(t, tt.in)
			span.SetName(tt.name)
			_, err := newProcessor(t, cfg).processTraces(t.Context(), td)
			require.NoError(t, err)
			_, row := span.Attributes().Get(activity.ActionTypeKey)
			assert.Equal(t, tt.row, row)
		})
	}
}

// The route that only an inner span knows says that the path is a value.
func TestNoiseOfNestedSpans(t *testing.T) {
	outer := attrs{"user.id": "42", "http.request.method": "GET", "url.path": "/ping", "http.response.status_code": 200}
	td, span := newSpan(t, outer)
	inner := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
	inner.SetTraceID(span.TraceID())
	inner.SetSpanID([8]byte{3})
	inner.SetParentSpanID(span.SpanID())
	inner.SetKind(ptrace.SpanKindServer)
	require.NoError(t, inner.Attributes().FromRaw(attrs{"http.request.method": "GET", "url.path": "/ping", "http.route": "/[slug]"}))
	td, err := newProcessor(t, defaults()).processTraces(t.Context(), td)
	require.NoError(t, err)
	assert.Equal(t, 1, td.SpanCount())
}

// A dropped request is counted as that of any rule, and is not one that its service should
// have declared.
func TestNoiseIsCounted(t *testing.T) {
	b := newBoth(t, func(cfg *Config) { cfg.Coverage.Rows = true })
	td, _ := newSpan(t, attrs{"user.id": "42", "http.request.method": "GET", "url.path": "/healthz"})
	require.NoError(t, b.traces.ConsumeTraces(context.Background(), td))
	m, err := b.telemetry.GetMetric("otelcol_processor_activity_dropped")
	require.NoError(t, err)
	points := m.Data.(metricdata.Sum[int64]).DataPoints
	require.Len(t, points, 1)
	rule, _ := points[0].Attributes.Value("rule")
	assert.Equal(t, "noise", rule.AsString())
}
