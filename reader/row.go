package reader

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// Row is one row of activity_log. What is NULL there is the zero value here. The names
// in JSON are those of the columns, and what is zero is left out.
type Row struct {
	EventID        activity.ID         `json:"event_id"`
	ActionTime     time.Time           `json:"action_time"` // UTC
	ActorID        string              `json:"actor_id,omitempty"`
	ActorType      activity.ActorType  `json:"actor_type,omitempty"`
	ActorName      string              `json:"actor_name,omitempty"`
	ImpersonatorID string              `json:"impersonator_id,omitempty"`
	TenantID       string              `json:"tenant_id,omitempty"`
	ActionType     activity.ActionType `json:"action_type"`
	ActionName     string              `json:"action_name,omitempty"`
	Status         activity.Status     `json:"status"`
	ErrorType      string              `json:"error_type,omitempty"`
	ObjectType     string              `json:"object_type,omitempty"`
	ObjectID       string              `json:"object_id,omitempty"`
	ObjectName     string              `json:"object_name,omitempty"`
	Remarks        string              `json:"remarks,omitempty"`
	Data           json.RawMessage     `json:"data"` // a JSON object, as the database writes it
	ClientAddress  string              `json:"client_address,omitempty"`
	UserAgent      string              `json:"user_agent,omitempty"`
	SessionID      string              `json:"session_id,omitempty"`
	ServiceName    string              `json:"service_name,omitempty"`
	TraceID        string              `json:"trace_id,omitempty"`
	SpanID         string              `json:"span_id,omitempty"`
	Source         activity.Source     `json:"source"`
	RecordedAt     time.Time           `json:"recorded_at"` // UTC
}

// Object returns the object that was acted on, without its name.
func (r *Row) Object() Object { return Object{Type: r.ObjectType, ID: r.ObjectID} }

// position is the place of the row in the order of rows.
func (r *Row) position() position { return position{micros: r.ActionTime.UnixMicro(), id: r.EventID} }

// Text returns the place of a column of text in the row, "actor_id" that of ActorID, or nil
// if no such column is text.
func (r *Row) Text(column string) *string {
	switch column {
	case "actor_id":
		return &r.ActorID
	case "actor_type":
		return (*string)(&r.ActorType)
	case "actor_name":
		return &r.ActorName
	case "impersonator_id":
		return &r.ImpersonatorID
	case "tenant_id":
		return &r.TenantID
	case "action_type":
		return (*string)(&r.ActionType)
	case "action_name":
		return &r.ActionName
	case "status":
		return (*string)(&r.Status)
	case "error_type":
		return &r.ErrorType
	case "object_type":
		return &r.ObjectType
	case "object_id":
		return &r.ObjectID
	case "object_name":
		return &r.ObjectName
	case "remarks":
		return &r.Remarks
	case "client_address":
		return &r.ClientAddress
	case "user_agent":
		return &r.UserAgent
	case "session_id":
		return &r.SessionID
	case "service_name":
		return &r.ServiceName
	case "trace_id":
		return &r.TraceID
	case "span_id":
		return &r.SpanID
	case "source":
		return (*string)(&r.Source)
	}
	return nil
}

// places returns where columns have their places in the row, in the same order.
func (r *Row) places(columns []activity.Column) []any {
	all := make([]any, len(columns))
	for i, c := range columns {
		switch c.Name {
		case "event_id":
			all[i] = (*idPlace)(&r.EventID)
		case "action_time":
			all[i] = (*timePlace)(&r.ActionTime)
		case "recorded_at":
			all[i] = (*timePlace)(&r.RecordedAt)
		case "data":
			all[i] = (*dataPlace)(&r.Data)
		default:
			all[i] = (*textPlace)(r.Text(c.Name))
		}
	}
	return all
}

// size is about how much memory the text of the row has.
func (r *Row) size() int {
	return 500 + len(r.ActorID) + len(r.ActorName) + len(r.ActionName) + len(r.ObjectID) + len(r.ObjectName) +
		len(r.Remarks) + len(r.Data) + len(r.UserAgent) + len(r.SessionID)
}

// selected are the expressions for the columns of a row, in their order.
func (r *Reader) selected() string {
	var expressions []string
	for _, c := range activity.Columns() {
		expressions = append(expressions, r.dialect.Column(c.Name, kindOf(c)))
	}
	return strings.Join(expressions, ", ")
}

func kindOf(c activity.Column) dialect.Kind {
	switch c.Kind {
	case activity.ColumnID:
		return dialect.ID
	case activity.ColumnTime:
		return dialect.Time
	case activity.ColumnJSON:
		return dialect.JSON
	}
	return dialect.Text
}

// columns are those of the table, in the order of [Reader.selected].
var columns = activity.Columns()

// rows returns the rows of a query that selects [Reader.columns].
func (r *Reader) rows(ctx context.Context, query string, args []any) (all []Row, err error) {
	err = r.eachRow(ctx, query, args, func(row *Row) error {
		all = append(all, *row)
		return nil
	})
	return all, err
}

// eachRow calls each for each row of a query that selects [Reader.columns]. The row is
// each's until it returns.
func (r *Reader) eachRow(ctx context.Context, query string, args []any, each func(*Row) error) error {
	var row Row
	places := row.places(columns)
	err := r.query(ctx, query, args, func(result *sql.Rows) error {
		row = Row{}
		if err := result.Scan(places...); err != nil {
			return fmt.Errorf("row %s: %w", row.EventID, err)
		}
		return each(&row)
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", r.table, err)
	}
	return nil
}
