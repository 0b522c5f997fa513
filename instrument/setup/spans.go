package setup

import (
	"context"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/otelactivity/activitylog/instrument/spool/utf8attr"
)

// validSpans repairs texts of spans that are not UTF-8. OTLP cannot encode them, and
// one such text would make the export of the whole batch fail.
type validSpans struct{ sdktrace.SpanExporter }

// ExportSpans implements [sdktrace.SpanExporter].
func (e validSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	out := spans
	for i, s := range spans {
		if valid(s) {
			continue
		}
		if &out[0] == &spans[0] {
			out = append([]sdktrace.ReadOnlySpan(nil), spans...)
		}
		out[i] = repaired{s}
	}
	return e.SpanExporter.ExportSpans(ctx, out)
}

func valid(s sdktrace.ReadOnlySpan) bool {
	if !utf8.ValidString(s.Name()) || !utf8.ValidString(s.Status().Description) || !utf8attr.Valid(s.Attributes()) {
		return false
	}
	for _, e := range s.Events() {
		if !utf8.ValidString(e.Name) || !utf8attr.Valid(e.Attributes) {
			return false
		}
	}
	for _, l := range s.Links() {
		if !utf8attr.Valid(l.Attributes) {
			return false
		}
	}
	return true
}

// repaired is a span whose texts are UTF-8.
type repaired struct{ sdktrace.ReadOnlySpan }

func (s repaired) Name() string { return utf8attr.Text(s.ReadOnlySpan.Name()) }

func (s repaired) Status() sdktrace.Status {
	st := s.ReadOnlySpan.Status()
	st.Description = utf8attr.Text(st.Description)
	return st
}

func (s repaired) Attributes() []attribute.KeyValue {
	return utf8attr.Repair(s.ReadOnlySpan.Attributes())
}

func (s repaired) Events() []sdktrace.Event {
	events := append([]sdktrace.Event(nil), s.ReadOnlySpan.Events()...)
	for i := range events {
		events[i].Name, events[i].Attributes = utf8attr.Text(events[i].Name), utf8attr.Repair(events[i].Attributes)
	}
	return events
}

func (s repaired) Links() []sdktrace.Link {
	links := append([]sdktrace.Link(nil), s.ReadOnlySpan.Links()...)
	for i := range links {
		links[i].Attributes = utf8attr.Repair(links[i].Attributes)
	}
	return links
}
