package activityprocessor

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// A preset makes activities of one kind of span. It is safe for concurrent use.
type preset struct {
	name string
	// kind is that of the spans that the preset may know, unspecified if any.
	kind  ptrace.SpanKind
	knows func(f *facts) bool
	// of fills in what the span says. It may leave the action type empty.
	of func(f *facts, span ptrace.Span) made
}

// made is what a preset makes of a span.
type made struct {
	action  activity.ActionType
	name    string
	status  activity.Status
	err     string // error.type, of a failure alone
	object  activity.Object
	call    call // ends the remarks
	refused bool // for want of a permission or a login
}

// call says what was called: "PUT", "/articles/17" and "/articles/{id}".
type call struct{ verb, target, template string }

// append appends "PUT /articles/17 (/articles/{id})".
func (c *call) append(b []byte) []byte {
	b = append(b, c.verb...)
	if c.target != "" {
		if c.verb != "" {
			b = append(b, ' ')
		}
		b = append(b, c.target...)
	}
	if c.template != "" {
		b = append(b, " ("...)
		b = append(b, c.template...)
		b = append(b, ')')
	}
	return b
}

const (
	presetHTTPServer = "http_server"
	presetRPCServer  = "rpc_server"
	presetGraphQL    = "graphql"
	presetDBClient   = "db_client"
)

// presets are all of them, those first that say most of a span.
var presets = [...]*preset{
	{name: presetGraphQL, knows: isGraphQL, of: ofGraphQL},
	{name: presetRPCServer, kind: ptrace.SpanKindServer, knows: isRPC, of: ofRPC},
	{name: presetHTTPServer, kind: ptrace.SpanKindServer, knows: isHTTP, of: ofHTTP},
	{name: presetDBClient, kind: ptrace.SpanKindClient, knows: isDB, of: ofDB},
}

var presetNames = []string{presetHTTPServer, presetRPCServer, presetGraphQL, presetDBClient}

func presetOf(name string) *preset {
	for _, p := range presets {
		if p.name == name {
			return p
		}
	}
	return nil
}

// may reports whether the preset may know spans of that kind.
func (p *preset) may(kind ptrace.SpanKind) bool {
	return p.kind == ptrace.SpanKindUnspecified || p.kind == kind
}

// take makes p the preset of f, and reports whether it knows the span.
func (p *preset) take(f *facts, span ptrace.Span) bool {
	if f.preset == p {
		return true
	}
	if !p.may(f.kind) || !p.knows(f) {
		return false
	}
	f.preset, f.made = p, p.of(f, span)
	return true
}
