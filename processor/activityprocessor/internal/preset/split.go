package preset

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// maxAdded bounds how many spans are added to the spans of a request, because a sender could
// send thousands of documents with many fields.
const maxAdded = 1024

// Splitter adds a span for each root field of a GraphQL document after the first, so that each
// field can become an activity. The zero value is for one request. An operation that failed is
// not split, because nothing says which of its fields failed. Nor is one that would take the
// request beyond its limit.
type Splitter struct{ added int }

// Split splits the operations in spans. Those that were split before stay as they are.
//
// An added span has the ids, times and attributes of the operation, an activity id of its
// own, and a document with its field alone. It has [record.RootFieldKey].
func (s *Splitter) Split(spans ptrace.SpanSlice) {
	for i := range spans.Len() { // without the added ones
		span := spans.At(i)
		if IsOperation(span) && record.StateOf(span.Attributes()).MayDerive {
			s.split(span, spans)
		}
	}
}

func (s *Splitter) split(span ptrace.Span, spans ptrace.SpanSlice) {
	facts := record.FactsOf(span.Attributes())
	op := &facts.GraphQL
	if failed, _ := operationFailed(op, span.Status().Code(), span); op.Split || failed {
		return
	}
	fields := rootFields(op.Document, op.Name)
	if len(fields) < 2 || isIntrospection(fields) || s.added+len(fields) > maxAdded {
		return
	}
	s.added += len(fields) - 1
	for i, field := range fields[1:] {
		added := spans.AppendEmpty()
		span.CopyTo(added)
		attrs := added.Attributes()
		attrs.Remove("graphql.source")
		attrs.PutStr("graphql.document", field.document(op))
		attrs.PutInt(record.RootFieldKey, int64(i+1))
		identity.StampPart(added, i+1)
	}
	span.Attributes().PutInt(record.RootFieldKey, 0)
}

// IsAdded reports whether a [Splitter] has added a span.
func IsAdded(span ptrace.Span) bool {
	i, ok := span.Attributes().Get(record.RootFieldKey)
	return ok && i.Int() > 0
}

// document returns a document with the field alone, and of its arguments only the id. Its
// operation has the name of op, by which it is found.
func (f rootField) document(op *record.GraphQL) string {
	arguments := ""
	if f.id != "" {
		arguments = `(id: "` + f.id + `")`
	}
	return record.JoinWords(strings.ToLower(op.Kind), op.Name) + " { " + f.name + arguments + " }"
}
