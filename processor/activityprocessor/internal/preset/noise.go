package preset

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// noise knows the spans of requests that programs make by themselves. A rule with it keeps
// nothing, so it derives nothing, and no other rule uses it.
var noise = &Preset{Name: Noise, Kind: ptrace.SpanKindServer, knows: isNoise, derive: func(*record.Record) Derivation { return Derivation{} }}

func isNoise(span *record.Record) bool {
	if rpc := &span.RPC; rpc.Method != "" {
		return procedure.IsNoise(rpc.Service, rpc.Method)
	}
	r := &span.Request
	if r.Method == "" || !r.IsNoise(r.Route, span.UserAgent()) {
		return false
	}
	if r.Route != nil {
		return true
	}
	if inner := span.Inner; inner != nil {
		return r.IsNoise(inner.Request.Route, span.UserAgent())
	}
	if pattern := record.RouteInName(span.Span.Name(), r.Method, r.Path); pattern != "" {
		r.SetRoute(pattern)
	}
	return r.IsNoise(r.Route, span.UserAgent())
}
