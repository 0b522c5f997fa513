// Package convert turns spans and log records that are activities into rows of
// activity_log. It knows OpenTelemetry and no SQL; conversion is pure.
package convert

import (
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/identity"
	"github.com/otelactivity/activitylog/internal/identity/valuetext"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Converter makes rows. The zero Converter is ready for use, by many goroutines.
type Converter struct {
	// DataAttributes are the keys of further attributes, of the record, its
	// scope or its resource, that are copied into the column data.
	DataAttributes []string

	released sync.Pool // of *Batch
}

// Traces returns a row for each span of td that is an activity. The spans have
// their ids already ([identity.StampTraces]).
func (c *Converter) Traces(td ptrace.Traces) *Batch {
	b := c.batch(td.SpanCount())
	for _, resource := range td.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				if !identity.IsActivity(span.Attributes()) {
					continue
				}
				m := b.add(resource.Resource().Attributes(), scope.Scope().Attributes())
				m.attributes(span.Attributes())
				c.finish(b, m, span.TraceID(), span.SpanID())
			}
		}
	}
	b.seal()
	return b
}

// Logs returns a row for each log record of ld that is an activity. The records
// have their ids already ([identity.StampLogs]).
func (c *Converter) Logs(ld plog.Logs) *Batch {
	b := c.batch(ld.LogRecordCount())
	for _, resource := range ld.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				if !identity.IsActivity(record.Attributes()) {
					continue
				}
				m := b.add(resource.Resource().Attributes(), scope.Scope().Attributes())
				m.attributes(record.Attributes())
				if body := valuetext.Of(record.Body()); body != "" {
					m.row.Text[row.Remarks] = body
				}
				c.finish(b, m, record.TraceID(), record.SpanID())
			}
		}
	}
	b.seal()
	return b
}

// Batch is the rows of one request. What is made for them, and is not part of the
// records themselves, is one text, of which the columns are parts.
type Batch struct {
	Rows []row.Row

	// Unnamed is how many of Rows came with an empty or blank action type.
	Unnamed int

	maker  maker
	object object // its buf is the text of all rows
	made   []made // by row
}

// made is where in the text a row's own parts are.
type made struct {
	data, end   int // the column data; after it come the ids, in hexadecimal
	trace, span bool
}

// batch returns a batch for up to n rows.
func (c *Converter) batch(n int) *Batch {
	b, ok := c.released.Get().(*Batch)
	if !ok {
		b = &Batch{}
	}
	b.Rows, b.made = slices.Grow(b.Rows, n), slices.Grow(b.made, n)
	return b
}

// Release gives a batch back, to be used again. Nothing may use its rows after it.
func (c *Converter) Release(b *Batch) {
	clear(b.Rows[:len(b.made)]) // also those that a sort of unique rows has cut off
	b.Rows, b.made, b.Unnamed = b.Rows[:0], b.made[:0], 0
	b.object.buf = b.object.buf[:0]
	if cap(b.object.buf) <= largest {
		c.released.Put(b)
	}
}

// largest is how many bytes of text a batch may have that is kept for the next.
const largest = 16 << 20

// add adds an empty row, and returns its maker until the next.
func (b *Batch) add(resource, scope pcommon.Map) *maker {
	b.Rows = append(b.Rows, row.Row{})
	b.maker = maker{row: &b.Rows[len(b.Rows)-1], resource: resource, scope: scope}
	return &b.maker
}

// seal makes the text, and the columns that are parts of it.
func (b *Batch) seal() {
	text := string(b.object.buf)
	for i, m := range b.made {
		r := &b.Rows[i]
		r.Text[row.Data] = text[m.data:m.end]
		if m.trace {
			r.Text[row.TraceID] = text[m.end:][:traceDigits]
		}
		if m.span {
			r.Text[row.SpanID] = text[m.end+traceDigits:][:spanDigits]
		}
	}
}

const (
	traceDigits = 2 * len(pcommon.TraceID{})
	spanDigits  = 2 * len(pcommon.SpanID{})
)

// maker is one row on its way.
type maker struct {
	row             *row.Row
	record          pcommon.Map
	resource, scope pcommon.Map
	data            pcommon.Value // activity.data; the zero Value if there is none
	cut             pcommon.Value // activity.cut, likewise: what was cut on the way here
	batch           pcommon.Value // activity.batch.id, likewise
	ofCollector     [len(ofCollector)]pcommon.Value
	id, status      string // the original ones, when they were replaced
	claimed         string // the time that was not believed
}

func (m *maker) attributes(attributes pcommon.Map) {
	m.record = attributes
	for key, value := range attributes.All() {
		switch key {
		case activity.IDKey:
			m.row.ID, _ = activity.ParseID(value.Str()) // stamped: valid
		case activity.OriginalIDKey:
			m.id = value.AsString()
		case activity.ClaimedTimeKey:
			m.claimed = value.AsString()
		case activity.OriginalStatusKey:
			m.status = value.AsString()
		case activity.DataKey:
			m.data = value
		case activity.CutKey:
			m.cut = value
		case activity.BatchIDKey:
			m.batch = value
		default:
			if i := column(key); i >= 0 {
				m.row.Text[i] = valuetext.Of(value)
			} else {
				m.noteOfCollector(key, value)
			}
		}
	}
	if service, ok := m.resource.Get(activity.ServiceNameKey); ok {
		m.row.Text[row.ServiceName] = valuetext.Of(service)
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

// finish fills what must not be empty, repairs text that no database takes, cuts
// what is too long, and writes the column data and the ids.
func (c *Converter) finish(b *Batch, m *maker, trace pcommon.TraceID, span pcommon.SpanID) {
	text := &m.row.Text
	if text[row.Status] == "" {
		text[row.Status] = string(activity.StatusSuccess)
	}
	if text[row.Source] == "" {
		text[row.Source] = string(activity.SourceDeclared)
	}
	if strings.TrimSpace(text[row.ActionType]) == "" {
		text[row.ActionType] = string(activity.ActionUnknown)
		b.Unnamed++
	}
	var repaired []string
	for i := range text {
		if fixed, changed := row.Repair(text[i]); changed {
			text[i] = fixed
			repaired = append(repaired, row.Names[i])
		}
	}
	o := &b.object
	made := made{data: len(o.buf), trace: !trace.IsEmpty(), span: !span.IsEmpty()}
	c.data(o, m, notes{repaired: repaired, cut: cutRow(m.row)})
	made.end = len(o.buf)
	if made.trace || made.span {
		o.buf = hex.AppendEncode(o.buf, trace[:])
		o.buf = hex.AppendEncode(o.buf, span[:])
	}
	b.made = append(b.made, made)
}
