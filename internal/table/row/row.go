// Package row has a row of activity_log as the exporter and the command write it. It
// knows no OpenTelemetry and no SQL.
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
	buf := append(make([]byte, 0, r.Size()), `{"event_id":"`...)
	buf = append(buf, r.ID.String()...)
	buf = append(buf, '"')
	for i, text := range r.Text {
		if text == "" {
			continue
		}
		buf = append(buf, `,"`...)
		buf = append(buf, Names[i]...)
		buf = append(buf, `":`...)
		if i == Data {
			buf = append(buf, text...)
			continue
		}
		text, _ = Repair(text)
		buf = AppendString(buf, text)
	}
	return string(append(buf, '}'))
}
