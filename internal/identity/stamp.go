package identity

import (
	"bytes"
	"encoding/binary"
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
// activity.id. A span without one gets the id of [Span]. It returns how many spans
// claim a time that is not plausible ([activity.ClaimedTimeKey]).
func StampTraces(td ptrace.Traces) (doubted int) {
	for _, resource := range td.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				if IsActivity(span.Attributes()) && StampSpan(span) {
					doubted++
				}
			}
		}
	}
	return doubted
}

// StampLogs makes sure that each log record of ld that is an activity has an
// activity.id. A record without one gets a hash of its service, scope, time, event name,
// trace and span id, body and attributes. If all of these are equal in several records
// of ld, their order distinguishes them. It returns how many records claim a time that
// is not plausible ([activity.ClaimedTimeKey]).
func StampLogs(ld plog.Logs) (doubted int) {
	var s LogStamper
	for _, resource := range ld.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				if IsActivity(record.Attributes()) && s.Stamp(resource.Resource(), scope.Scope(), record) {
					doubted++
				}
			}
		}
	}
	return doubted
}

// Span returns the id of a span without activity.id: its start time and a hash of its
// trace and span id or, if it has neither, of its name and attributes. If the start is
// not plausible, the id has the end or else the time of the receipt, and claimed is the
// start, for [activity.ClaimedTimeKey].
func Span(span ptrace.Span) (id activity.ID, claimed string) {
	trace, spanID := span.TraceID(), span.SpanID()
	var room [32]byte // for the trace and span ids that nearly all spans have
	content := appendBytes(appendBytes(room[:0], trace[:]), spanID[:])
	if trace.IsEmpty() || spanID.IsEmpty() {
		e := encoder{buf: bytes.Clone(content)}
		e.string(span.Name())
		e.mapping(span.Attributes())
		content = e.buf
	}
	m := spanMoment(span)
	if m.doubted {
		claimed = m.text()
	}
	return activity.HashID(m.orReceipt(content), content), claimed
}

// StampSpan makes sure that a span that is an activity has an activity.id, as
// [StampTraces] does. It reports whether the time of the activity differs from the time
// that the span claims.
func StampSpan(span ptrace.Span) (doubted bool) {
	attributes := span.Attributes()
	switch c := carried(attributes, &horizon{}); {
	case c.ok:
		return false
	case c.text != "":
		return c.replace(attributes, spanMoment(span))
	}
	id, claimed := Span(span)
	attributes.PutStr(activity.IDKey, id.String())
	if claimed != "" {
		attributes.PutStr(activity.ClaimedTimeKey, claimed)
	}
	return claimed != ""
}

// StampPart gives a span that is about one part of an act the id of that part. n says which
// part it is. All other attributes are as [StampSpan] leaves them.
func StampPart(span ptrace.Span, n int) {
	StampSpan(span)
	v, _ := span.Attributes().Get(activity.IDKey)
	whole, err := activity.ParseID(v.Str())
	if err != nil {
		return // it cannot happen: StampSpan has just written it
	}
	v.SetStr(activity.HashID(whole.Time(), binary.AppendVarint(whole[:], int64(n))).String())
}

// LogStamper gives the log records of one request their ids. It counts equal records, so
// all records of a request that may be activities must use the same one.
type LogStamper struct {
	seen  map[activity.ID]int64
	enc   encoder
	until horizon
}

// Stamp makes sure that a log record that is an activity has an activity.id, as
// [StampLogs] does. It reports whether the time of the activity differs from the time
// that the record claims.
func (s *LogStamper) Stamp(resource pcommon.Resource, scope pcommon.InstrumentationScope, record plog.LogRecord) (doubted bool) {
	attributes := record.Attributes()
	switch c := carried(attributes, &s.until); {
	case c.ok:
		return false
	case c.text != "":
		return c.replace(attributes, recordMoment(record))
	}
	m := recordMoment(record)
	s.encode(resource, scope, record, m)
	at := m.orReceipt(s.enc.buf)
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
	attributes.PutStr(activity.IDKey, id.String())
	if m.doubted {
		attributes.PutStr(activity.ClaimedTimeKey, m.text())
	}
	return m.doubted
}

// encode writes the content that identifies the record to s.enc.
func (s *LogStamper) encode(resource pcommon.Resource, scope pcommon.InstrumentationScope, record plog.LogRecord, m moment) {
	e := &s.enc
	e.buf = e.buf[:0]
	service := ""
	if v, ok := resource.Attributes().Get(activity.ServiceNameKey); ok {
		service = v.AsString()
	}
	e.string(service)
	e.string(scope.Name())
	if m.claimed == 0 {
		e.int(m.at.UnixNano())
	} else {
		e.int(int64(m.claimed))
	}
	e.string(record.EventName())
	trace, span := record.TraceID(), record.SpanID()
	e.bytes(trace[:])
	e.bytes(span[:])
	e.value(record.Body())
	e.mapping(record.Attributes())
}

// carriedID is the identifier in the attributes of a record.
type carriedID struct {
	ok      bool   // text is a valid id with a plausible time
	text    string // "" if there is no identifier
	claimed string // the time in text, if that is a UUIDv7 with a time that is not plausible
}

// carried finds the identifier in the attributes. A valid one in log.record.uid is copied
// to activity.id. One whose time is not plausible is not ok, because its time would be
// the time of the row.
func carried(attributes pcommon.Map, until *horizon) carriedID {
	var c carriedID
	if v, found := attributes.Get(activity.IDKey); found {
		if c = parse(v.AsString(), until); c.ok && (v.Type() != pcommon.ValueTypeStr || v.Str() != c.text) {
			v.SetStr(c.text)
		}
	}
	if c.text != "" {
		return c
	}
	if v, found := attributes.Get(activity.LogRecordUIDKey); found {
		if c = parse(v.AsString(), until); c.ok {
			attributes.PutStr(activity.IDKey, c.text)
		}
	}
	return c
}

func parse(text string, until *horizon) carriedID {
	text = strings.TrimSpace(text)
	id, err := activity.ParseID(text)
	if err != nil {
		return carriedID{text: text}
	}
	at := id.Time()
	if at.After(until.time()) {
		return carriedID{text: text, claimed: at.Format(time.RFC3339Nano)}
	}
	return carriedID{text: text, ok: true}
}

// replace sets activity.id to the hash of an identifier without a plausible time, and
// keeps the identifier in another attribute. If the identifier contains a time, both
// signals of the activity get the time of the one that is received first.
func (c carriedID) replace(attributes pcommon.Map, m moment) (doubted bool) {
	if c.claimed != "" {
		at := m.at
		if at.IsZero() {
			at = now()
		}
		m = moment{at: receipts.first(activity.HashID(time.Time{}, []byte(c.text)), at)}
	}
	attributes.PutStr(activity.OriginalIDKey, c.text)
	attributes.PutStr(activity.IDKey, activity.HashID(m.orReceipt([]byte(c.text)), []byte(c.text)).String())
	switch {
	case c.claimed != "":
		attributes.PutStr(activity.ClaimedTimeKey, c.claimed)
	case m.doubted:
		attributes.PutStr(activity.ClaimedTimeKey, m.text())
	default:
		return false
	}
	return true
}
