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

// Indexes into [Row.Text]. All columns of activity_log but event_id,
// action_time and recorded_at are here, in the order of the table.
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

// Names are the names of the columns, by the same indexes.
var Names = [Columns]string{
	ActorID:        "actor_id",
	ActorType:      "actor_type",
	ActorName:      "actor_name",
	ImpersonatorID: "impersonator_id",
	TenantID:       "tenant_id",
	ActionType:     "action_type",
	ActionName:     "action_name",
	Status:         "status",
	ErrorType:      "error_type",
	ObjectType:     "object_type",
	ObjectID:       "object_id",
	ObjectName:     "object_name",
	Remarks:        "remarks",
	Data:           "data",
	ClientAddress:  "client_address",
	UserAgent:      "user_agent",
	SessionID:      "session_id",
	ServiceName:    "service_name",
	TraceID:        "trace_id",
	SpanID:         "span_id",
	Source:         "source",
}

// Size is about how many bytes the row takes in memory and on the wire.
func (r *Row) Size() int {
	n := 48
	for i := range r.Text {
		n += len(r.Text[i])
	}
	return n
}

// column returns the index of the column that holds the attribute key, or -1.
func column(key string) int {
	switch key {
	case activity.ActorIDKey:
		return ActorID
	case activity.ActorTypeKey:
		return ActorType
	case activity.ActorNameKey:
		return ActorName
	case activity.ImpersonatorIDKey:
		return ImpersonatorID
	case activity.TenantIDKey:
		return TenantID
	case activity.ActionTypeKey:
		return ActionType
	case activity.ActionNameKey:
		return ActionName
	case activity.StatusKey:
		return Status
	case activity.ErrorTypeKey:
		return ErrorType
	case activity.ObjectTypeKey:
		return ObjectType
	case activity.ObjectIDKey:
		return ObjectID
	case activity.ObjectNameKey:
		return ObjectName
	case activity.RemarksKey:
		return Remarks
	case activity.ClientAddressKey:
		return ClientAddress
	case activity.UserAgentKey:
		return UserAgent
	case activity.SessionIDKey:
		return SessionID
	case activity.SourceKey:
		return Source
	}
	return -1
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
