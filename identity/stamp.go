package identity

import (
	"bytes"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
)

// IsActivity reports whether a span or log record with these attributes is an
// activity: whether it has activity.action.type.
func IsActivity(attributes pcommon.Map) bool {
	_, ok := attributes.Get(activity.ActionTypeKey)
	return ok
}

// StampTraces makes sure that each span of td that is an activity has an
// activity.id. See [Span] for the id that one without gets.
func StampTraces(td ptrace.Traces) {
	for _, resource := range td.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				if IsActivity(span.Attributes()) {
					StampSpan(span)
				}
			}
		}
	}
}

// StampLogs makes sure that each log record of ld that is an activity has an
// activity.id. One without gets the hash of its service, scope, time, event
// name, trace and span id, body and attributes; records of one ld that are
// alike in all of these are told apart by their order.
func StampLogs(ld plog.Logs) {
	var s LogStamper
	for _, resource := range ld.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				if IsActivity(record.Attributes()) {
					s.Stamp(resource.Resource(), scope.Scope(), record)
				}
			}
		}
	}
}

// Span returns the id of a span that comes without one: its start time and a
// hash of its trace and span id. A span that has neither is told by its name
// and attributes.
func Span(span ptrace.Span) activity.ID {
	trace, id := span.TraceID(), span.SpanID()
	var room [32]byte // for the ids that nearly all have
	ids := appendBytes(appendBytes(room[:0], trace[:]), id[:])
	if !trace.IsEmpty() && !id.IsEmpty() {
		return activity.HashID(spanTime(span), ids)
	}
	e := encoder{buf: bytes.Clone(ids)}
	e.string(span.Name())
	e.mapping(span.Attributes())
	return activity.HashID(spanTime(span), e.buf)
}

// StampSpan makes sure that a span that is an activity has an activity.id, as
// [StampTraces] does.
func StampSpan(span ptrace.Span) {
	foreign, ok := carried(span.Attributes())
	switch {
	case ok:
	case foreign != "":
		replace(span.Attributes(), foreign, spanTime(span))
	default:
		span.Attributes().PutStr(activity.IDKey, Span(span).String())
	}
}

// LogStamper gives log records of one request their ids. It counts those that are
// alike, so that all of a request that may be activities go through one.
type LogStamper struct {
	seen map[activity.ID]int64
	enc  encoder
}

// Stamp makes sure that a log record that is an activity has an activity.id, as
// [StampLogs] does.
func (s *LogStamper) Stamp(resource pcommon.Resource, scope pcommon.InstrumentationScope, record plog.LogRecord) {
	foreign, ok := carried(record.Attributes())
	switch {
	case ok:
		return
	case foreign != "":
		replace(record.Attributes(), foreign, recordTime(record))
		return
	}
	at := recordTime(record)
	s.encode(resource, scope, record, at)
	id := activity.HashID(at, s.enc.buf)
	if s.seen == nil {
		s.seen = make(map[activity.ID]int64)
	}
	ordinal := s.seen[id]
	s.seen[id]++
	if ordinal > 0 {
		s.enc.int(ordinal)
		id = activity.HashID(at, s.enc.buf)
	}
	record.Attributes().PutStr(activity.IDKey, id.String())
}

// encode leaves in s.enc what identifies the record.
func (s *LogStamper) encode(resource pcommon.Resource, scope pcommon.InstrumentationScope, record plog.LogRecord, at time.Time) {
	e := &s.enc
	e.buf = e.buf[:0]
	service := ""
	if v, ok := resource.Attributes().Get(activity.ServiceNameKey); ok {
		service = v.AsString()
	}
	e.string(service)
	e.string(scope.Name())
	e.int(at.UnixNano())
	e.string(record.EventName())
	trace, span := record.TraceID(), record.SpanID()
	e.bytes(trace[:])
	e.bytes(span[:])
	e.value(record.Body())
	e.mapping(record.Attributes())
}

// carried looks for the id that the attributes bring along. ok: activity.id is
// there and valid, nothing is to be done. Otherwise foreign is the identifier
// that stands in its place, "" if there is none; a valid one in log.record.uid
// is moved to activity.id.
func carried(attributes pcommon.Map) (foreign string, ok bool) {
	if v, found := attributes.Get(activity.IDKey); found {
		foreign = strings.TrimSpace(v.AsString())
		if _, err := activity.ParseID(foreign); err == nil {
			if v.Type() != pcommon.ValueTypeStr || v.Str() != foreign {
				v.SetStr(foreign)
			}
			return "", true
		}
	}
	if foreign != "" {
		return foreign, false
	}
	if v, found := attributes.Get(activity.LogRecordUIDKey); found {
		foreign = strings.TrimSpace(v.AsString())
		if _, err := activity.ParseID(foreign); err == nil {
			attributes.PutStr(activity.IDKey, foreign)
			return "", true
		}
	}
	return foreign, false
}

// replace sets activity.id to the hash of an identifier that holds no time,
// and keeps the identifier itself.
func replace(attributes pcommon.Map, foreign string, at time.Time) {
	attributes.PutStr(activity.OriginalIDKey, foreign)
	attributes.PutStr(activity.IDKey, activity.HashID(at, []byte(foreign)).String())
}

// recordTime is when the activity of a log record took place. A record without
// any time gets the present, since two acts that differ only in their time must
// not become one row; such a record alone has another id when it is sent again.
func recordTime(record plog.LogRecord) time.Time {
	return firstTime(record.Timestamp(), record.ObservedTimestamp())
}

func spanTime(span ptrace.Span) time.Time {
	return firstTime(span.StartTimestamp(), span.EndTimestamp())
}

func firstTime(candidates ...pcommon.Timestamp) time.Time {
	for _, t := range candidates {
		if t != 0 {
			return t.AsTime()
		}
	}
	return time.Now()
}
