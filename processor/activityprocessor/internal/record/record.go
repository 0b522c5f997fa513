package record

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// Record is a span or a log record with the scope and the resource above it, and
// the facts that its attributes hold.
type Record struct {
	ResourceSpans ptrace.ResourceSpans
	ScopeSpans    ptrace.ScopeSpans
	Span          ptrace.Span

	ResourceLogs plog.ResourceLogs
	ScopeLogs    plog.ScopeLogs
	LogRecord    plog.LogRecord

	// Proxies are those whose word about the client's address is believed.
	Proxies activity.Proxies

	Attrs pcommon.Map
	Facts
	// Inner is what another span of the same request knows, nil if there is none.
	Inner  *Facts
	isRead bool
}

// Reset begins another record of the same scope. Its caller then sets the span or
// the log record, and of the facts the kind, the status or whether it has a body.
func (r *Record) Reset(attrs pcommon.Map, service string) {
	r.Attrs, r.Inner = attrs, nil
	if r.isRead {
		r.Facts, r.isRead = Facts{}, false
	}
	r.Service = service
}

// Read reads the attributes, unless it was called already: only some rules need them.
func (r *Record) Read() {
	if !r.isRead {
		r.read(r.Attrs)
		r.isRead = true
	}
}
