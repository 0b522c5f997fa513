package redact

import (
	"context"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// Traces cleans all spans of td, with their resources and scopes. It stops at the
// deadline of ctx; after its error td still holds secrets.
func (c *Cleaner) Traces(ctx context.Context, td ptrace.Traces) error {
	if c == nil {
		return nil
	}
	w, around := work{c: c, ctx: ctx}, work{c: c, ctx: ctx}
	w.around = &around
	for _, rs := range td.ResourceSpans().All() {
		around.resource(rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			around.scope(ss.Scope())
			for _, span := range ss.Spans().All() {
				if w.span(span); w.err != nil {
					return w.err
				}
			}
		}
	}
	return around.err
}

// Logs cleans all log records of ld, with their resources and scopes. It stops at
// the deadline of ctx; after its error ld still holds secrets.
func (c *Cleaner) Logs(ctx context.Context, ld plog.Logs) error {
	if c == nil {
		return nil
	}
	w, around := work{c: c, ctx: ctx}, work{c: c, ctx: ctx}
	w.around = &around
	for _, rl := range ld.ResourceLogs().All() {
		around.resource(rl.Resource())
		for _, sl := range rl.ScopeLogs().All() {
			around.scope(sl.Scope())
			for _, record := range sl.LogRecords().All() {
				if w.record(record); w.err != nil {
					return w.err
				}
			}
		}
	}
	return around.err
}

func (w *work) resource(resource pcommon.Resource) {
	w.begin()
	w.fields(resource.Attributes())
	w.lasting = len(w.replaced)
	w.attributes(resource.Attributes())
}

// scope keeps the values of the resource's fields, because its spans may quote them.
func (w *work) scope(scope pcommon.InstrumentationScope) {
	w.replaced = w.replaced[:w.lasting]
	w.fields(scope.Attributes())
	w.attributes(scope.Attributes())
	if cleaned, ok := w.changed(scope.Name()); ok {
		scope.SetName(cleaned)
	}
	if cleaned, ok := w.changed(scope.Version()); ok {
		scope.SetVersion(cleaned)
	}
}

// span cleans a span with its events and links.
func (w *work) span(span ptrace.Span) {
	w.begin()
	w.own(span.Attributes())
	if w.hasFields() {
		for _, event := range span.Events().All() {
			w.fields(event.Attributes())
		}
		for _, link := range span.Links().All() {
			w.fields(link.Attributes())
		}
	}
	w.attributes(span.Attributes())
	w.noteCut(span.Attributes())
	if cleaned, ok := w.changed(span.Name()); ok {
		span.SetName(cleaned)
	}
	if cleaned, ok := w.changed(span.Status().Message()); ok {
		span.Status().SetMessage(cleaned)
	}
	if cleaned, ok := w.changed(span.TraceState().AsRaw()); ok {
		span.TraceState().FromRaw(cleaned)
	}
	w.depth++ // they have other keys
	w.sentences++
	for _, event := range span.Events().All() {
		if cleaned, ok := w.changed(event.Name()); ok {
			event.SetName(cleaned)
		}
		w.attributes(event.Attributes())
	}
	for _, link := range span.Links().All() {
		if cleaned, ok := w.changed(link.TraceState().AsRaw()); ok {
			link.TraceState().FromRaw(cleaned)
		}
		w.attributes(link.Attributes())
	}
	w.depth--
	w.sentences--
}

// record cleans a log record. Its body is the remarks of an activity.
func (w *work) record(record plog.LogRecord) {
	w.begin()
	w.own(record.Attributes())
	w.attributes(record.Attributes())
	if cleaned, ok := w.changed(record.SeverityText()); ok {
		record.SetSeverityText(cleaned)
	}
	if name := record.EventName(); name != activity.EventName {
		if cleaned, ok := w.changed(name); ok {
			record.SetEventName(cleaned)
		}
	}
	if f := w.c.fields["activity.remarks"]; f != nil {
		w.act(f, record.Body())
	}
	w.isCut = false
	if w.value(record.Body(), free); w.isCut {
		w.cutIn(columnOf(activity.RemarksKey))
	}
	w.noteCut(record.Attributes())
}

// changed returns the cleaned form of a text without a key, and whether it differs.
func (w *work) changed(text string) (cleaned string, ok bool) {
	cleaned = w.whole(text, free)
	return cleaned, cleaned != text
}
