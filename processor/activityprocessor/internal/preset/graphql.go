package preset

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/activity/procedure"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func isGraphQL(r *record.Record) bool { return r.GraphQL.Kind != "" }

// ofGraphQL is the preset graphql: the span of an operation, of any kind of span.
// Queries and subscriptions are Read. What a mutation does follows from the root field of
// its document, or else from its name, which clients choose; it is Update if the verb is
// unknown. Nothing else of the document is used, because it may contain secrets, except an
// id.
func ofGraphQL(r *record.Record) Derivation {
	kind := strings.ToLower(r.GraphQL.Kind)
	fields := rootFields(r.GraphQL.Document, r.GraphQL.Name)
	if r.GraphQL.Split && len(fields) > 1 {
		fields = fields[:1] // the others have spans of their own
	}
	if isIntrospection(fields) {
		return Derivation{}
	}
	d := Derivation{Status: activity.StatusSuccess}
	switch len(fields) {
	case 0:
		d.Name = record.JoinWords(kind, r.GraphQL.Name)
		d.Action, d.Object.Type = procedure.Operation(kind, r.GraphQL.Name)
	case 1:
		d.Name = record.JoinWords(kind, fields[0].name)
		d.Action, d.Object.Type = procedure.Operation(kind, fields[0].name)
		if kind != "mutation" && fields[0].id != "" {
			d.Object.Type = procedure.ObjectOfQuery(fields[0].name)
		}
		if d.Object.Type != "" && !procedure.IsSecret(d.Object.Type) {
			d.Object.ID = fields[0].id
		}
	default:
		ofSeveral(&d, kind, fields)
	}
	if failed, exception := operationFailed(&r.GraphQL, r.Status, r.Span); failed {
		d.Status, d.Error = activity.StatusFailed, exception
	}
	return d
}

// operationFailed reports whether an operation failed, and with which exception.
func operationFailed(op *record.GraphQL, status ptrace.StatusCode, span ptrace.Span) (failed bool, exception string) {
	thrown, exception := escaped(span.Events())
	return status == ptrace.StatusCodeError || op.Failed || thrown == ptrace.StatusCodeError, exception
}

// ofSeveral derives what the root fields of an operation that was not split have in common: it
// failed, or the request has too many.
func ofSeveral(d *Derivation, kind string, fields []rootField) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
		action, object := procedure.Operation(kind, f.name)
		if i == 0 {
			d.Action, d.Object.Type = action, object
			continue
		}
		if action != d.Action {
			d.Action = activity.ActionUpdate
		}
		if object != d.Object.Type {
			d.Object.Type = ""
		}
	}
	d.Name = record.JoinWords(kind, strings.Join(names, ", "))
}

// isIntrospection reports whether a program asks for the schema alone.
func isIntrospection(fields []rootField) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(f rootField) bool { return !f.isOfSchema() })
}
