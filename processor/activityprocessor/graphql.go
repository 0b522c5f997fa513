package activityprocessor

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// graphql is what a span says of an operation.
type graphql struct {
	kind, name string
}

func isGraphQL(f *facts) bool { return f.graphql.kind != "" }

// ofGraphQL is the preset graphql: the span of an operation, of any kind of span.
// Queries and subscriptions are Read. A mutation is what its name begins with,
// else Update. The document is not looked at: it may hold secrets.
func ofGraphQL(f *facts, _ ptrace.Span) made {
	kind := strings.ToLower(f.graphql.kind)
	m := made{name: joinWords(kind, f.graphql.name), status: activity.StatusSuccess}
	m.call.verb = m.name
	action, object := verbOf(f.graphql.name)
	switch {
	case kind != "mutation":
		m.action = activity.ActionRead
	case action == "" || action == activity.ActionRead:
		m.action, object = activity.ActionUpdate, ""
	default:
		m.action = action
	}
	if action != activity.ActionLogin && action != activity.ActionLogout {
		m.object.Type = object
	}
	if f.status == ptrace.StatusCodeError {
		m.status = activity.StatusFailed
	}
	return m
}
