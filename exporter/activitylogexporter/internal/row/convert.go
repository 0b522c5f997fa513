package row

import (
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/identity"
)

// Converter makes rows. The zero Converter is ready for use.
type Converter struct {
	// DataAttributes are the keys of further attributes, of the record, its
	// scope or its resource, that are copied into the column data.
	DataAttributes []string
}

// Traces returns a row for each span of td that is an activity. The spans have
// their ids already ([identity.StampTraces]).
func (c *Converter) Traces(td ptrace.Traces) []Row {
	rows := make([]Row, 0, td.SpanCount())
	var o object
	for _, resource := range td.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				if !identity.IsActivity(span.Attributes()) {
					continue
				}
				m := maker{resource: resource.Resource().Attributes(), scope: scope.Scope().Attributes()}
				m.attributes(span.Attributes())
				m.ids(span.TraceID(), span.SpanID())
				rows = append(rows, c.finish(&o, &m))
			}
		}
	}
	return rows
}

// Logs returns a row for each log record of ld that is an activity. The records
// have their ids already ([identity.StampLogs]).
func (c *Converter) Logs(ld plog.Logs) []Row {
	rows := make([]Row, 0, ld.LogRecordCount())
	var o object
	for _, resource := range ld.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				if !identity.IsActivity(record.Attributes()) {
					continue
				}
				m := maker{resource: resource.Resource().Attributes(), scope: scope.Scope().Attributes()}
				m.attributes(record.Attributes())
				if body := record.Body().AsString(); body != "" {
					m.row.Text[Remarks] = body
				}
				m.ids(record.TraceID(), record.SpanID())
				rows = append(rows, c.finish(&o, &m))
			}
		}
	}
	return rows
}

// maker is one row on its way.
type maker struct {
	row             Row
	record          pcommon.Map
	resource, scope pcommon.Map
	data            pcommon.Value // activity.data; the zero Value if there is none
	id, status      string        // the original ones, when they were replaced
}

func (m *maker) attributes(attributes pcommon.Map) {
	m.record = attributes
	for key, value := range attributes.All() {
		switch key {
		case activity.IDKey:
			m.row.ID, _ = activity.ParseID(value.Str()) // stamped: valid
		case activity.OriginalIDKey:
			m.id = value.AsString()
		case activity.OriginalStatusKey:
			m.status = value.AsString()
		case activity.DataKey:
			m.data = value
		default:
			if i := column(key); i >= 0 {
				m.row.Text[i] = value.AsString()
			}
		}
	}
	if service, ok := m.resource.Get(activity.ServiceNameKey); ok {
		m.row.Text[ServiceName] = service.AsString()
	}
}

// ids writes both ids as one text, of which the columns are parts.
func (m *maker) ids(trace pcommon.TraceID, span pcommon.SpanID) {
	if trace.IsEmpty() && span.IsEmpty() {
		return
	}
	var buf [2 * (len(trace) + len(span))]byte
	n := hex.Encode(buf[:], trace[:])
	hex.Encode(buf[n:], span[:])
	text := string(buf[:])
	if !trace.IsEmpty() {
		m.row.Text[TraceID] = text[:n]
	}
	if !span.IsEmpty() {
		m.row.Text[SpanID] = text[n:]
	}
}

// lookup finds an attribute of the record, else of its scope, else of its
// resource.
func (m *maker) lookup(key string) (pcommon.Value, bool) {
	for _, attributes := range [...]pcommon.Map{m.record, m.scope, m.resource} {
		if v, ok := attributes.Get(key); ok {
			return v, true
		}
	}
	return pcommon.Value{}, false
}

// finish fills what must not be empty, repairs text that no database takes, and
// writes the column data.
func (c *Converter) finish(o *object, m *maker) Row {
	text := &m.row.Text
	if text[Status] == "" {
		text[Status] = string(activity.Success)
	}
	if text[Source] == "" {
		text[Source] = string(activity.Declared)
	}
	var repaired []string
	for i := range text {
		if fixed, changed := repair(text[i]); changed {
			text[i] = fixed
			repaired = append(repaired, Names[i])
		}
	}
	text[Data] = c.data(o, m, repaired)
	return m.row
}
