package preset

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// IsOperation reports whether a span is that of a GraphQL operation.
func IsOperation(span ptrace.Span) bool {
	_, ok := span.Attributes().Get("graphql.operation.type")
	return ok
}

// StatementOf returns what a span of a database does to which table, "Update article", ""
// for any other span.
func StatementOf(span ptrace.Span) string {
	if span.Kind() != ptrace.SpanKindClient {
		return ""
	}
	r := record.Record{Span: span, Attrs: span.Attributes(), Facts: record.FactsOf(span.Attributes())}
	r.Status = span.Status().Code()
	if !isDB(&r) {
		return ""
	}
	if d := ofDB(&r); d.Action != "" {
		return string(d.Action) + " " + d.Object.Type
	}
	return ""
}
