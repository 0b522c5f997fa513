package preset

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isGraphQL(r *record.Record) bool { return r.GraphQL.Kind != "" }

// ofGraphQL is the preset graphql: the span of an operation, of any kind of span.
// Queries and subscriptions are Read. The action type of a mutation follows from the first
// word of its name; it is Update if that word is unknown. The document is not read,
// because it may contain secrets.
func ofGraphQL(r *record.Record) Derivation {
	kind := strings.ToLower(r.GraphQL.Kind)
	d := Derivation{Name: record.JoinWords(kind, r.GraphQL.Name), Status: activity.StatusSuccess}
	action, object := verbOf(r.GraphQL.Name)
	switch {
	case kind != "mutation":
		d.Action = activity.ActionRead
	case action == "" || action == activity.ActionRead:
		d.Action, object = activity.ActionUpdate, ""
	default:
		d.Action = action
	}
	if action != activity.ActionLogin && action != activity.ActionLogout {
		d.Object.Type = object
	}
	if r.Status == ptrace.StatusCodeError {
		d.Status = activity.StatusFailed
	}
	return d
}
