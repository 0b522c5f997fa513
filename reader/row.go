package reader

import (
	"context"
	"database/sql"
	"encoding/hex"
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

// text returns where a column that is text has its place in the row.
func (r *Row) text(column string) *string {
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

// set sets a column to the text that the database has for it.
func (r *Row) set(column, text string) (err error) {
	switch column {
	case "event_id":
		r.EventID, err = parseID(text)
	case "action_time":
		r.ActionTime, err = parseTime(text)
	case "recorded_at":
		r.RecordedAt, err = parseTime(text)
	case "data":
		r.Data = json.RawMessage(text)
	default:
		place := r.text(column)
		if place == nil {
			return fmt.Errorf("Row has no column %s", column)
		}
		*place = text
	}
	return err
}

// selected are the expressions for the columns of a row, in their order.
func (r *Reader) selected() string {
	var expressions []string
	for _, c := range activity.Columns() {
		expressions = append(expressions, r.dialect.Select(c.Name, kindOf(c)))
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

// scan reads a row that was selected.
func scan(result *sql.Rows) (Row, error) {
	values := make([]sql.NullString, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var row Row
	if err := result.Scan(targets...); err != nil {
		return row, err
	}
	for i, value := range values {
		if !value.Valid {
			continue
		}
		if err := row.set(columns[i].Name, value.String); err != nil {
			return row, fmt.Errorf("column %s of the row %s: %w", columns[i].Name, values[0].String, err)
		}
	}
	return row, nil
}

// rows returns the rows of a query that selects [Reader.columns].
func (r *Reader) rows(ctx context.Context, query string, args []any) (all []Row, err error) {
	err = r.query(ctx, query, args, func(result *sql.Rows) error {
		row, err := scan(result)
		all = append(all, row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.table, err)
	}
	return all, nil
}

// parseTime reads a time of the database, which is in UTC.
func parseTime(text string) (time.Time, error) {
	at, err := time.ParseInLocation(dialect.TimeLayout, text, time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time in the form %q", text, "2006-01-02 15:04:05.000000")
	}
	return at, nil
}

// parseID reads a UUID of any version: rows that others wrote are read, too.
func parseID(text string) (id activity.ID, err error) {
	digits := strings.ReplaceAll(text, "-", "")
	if len(text) != 36 || len(digits) != 32 {
		return id, fmt.Errorf("%.64q is not a UUID", text)
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return id, fmt.Errorf("%.64q is not a UUID", text)
	}
	return id, nil
}
