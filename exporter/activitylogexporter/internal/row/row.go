// Package row turns spans and log records that are activities into rows of
// activity_log. It knows OpenTelemetry and no SQL; conversion is pure.
package row

import (
	"github.com/otelactivity/activitylog/activity"
)

// Row is one row of activity_log. The column action_time is ID.Time().
type Row struct {
	ID   activity.ID
	Text [Columns]string // by the constants below; "" is stored as NULL
}

// Indexes into [Row.Text]. They are all columns of [activity.Columns] except
// event_id, action_time and recorded_at, in the same order.
const (
	ActorID = iota
	ActorType
	ActorName
	ImpersonatorID
	TenantID
	ActionType
	ActionName
	Status
	ErrorType
	ObjectType
	ObjectID
	ObjectName
	Remarks
	Data // a JSON object, never empty
	ClientAddress
	UserAgent
	SessionID
	ServiceName
	TraceID // 32 hexadecimal digits
	SpanID  // 16 hexadecimal digits
	Source
	Columns // how many there are
)

// Size is about how many bytes the row takes in memory and on the wire.
func (r *Row) Size() int {
	n := 48
	for i := range r.Text {
		n += len(r.Text[i])
	}
	return n
}

// JSON returns the row as a JSON object of its non-empty columns, which is how
// the dead letter table keeps it. data is an object inside it.
func (r *Row) JSON() string {
	o := object{}
	o.open()
	o.key("event_id")
	o.string(r.ID.String())
	for i, text := range r.Text {
		if text == "" {
			continue
		}
		o.key(Names[i])
		if i == Data {
			o.buf = append(o.buf, text...)
			continue
		}
		o.string(text)
	}
	return string(append(o.buf, '}'))
}
