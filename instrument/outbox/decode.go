package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
)

// stored is the form that [record.encode] writes.
type stored struct {
	ID             activity.ID    `json:"event_id"`
	ActorID        string         `json:"actor_id"`
	ActorType      string         `json:"actor_type"`
	ActorName      string         `json:"actor_name"`
	ImpersonatorID string         `json:"impersonator_id"`
	TenantID       string         `json:"tenant_id"`
	ActionType     string         `json:"action_type"`
	ActionName     string         `json:"action_name"`
	Status         string         `json:"status"`
	ErrorType      string         `json:"error_type"`
	ObjectType     string         `json:"object_type"`
	ObjectID       string         `json:"object_id"`
	ObjectName     string         `json:"object_name"`
	Remarks        string         `json:"remarks"`
	Data           map[string]any `json:"data"`
	ClientAddress  string         `json:"client_address"`
	UserAgent      string         `json:"user_agent"`
	SessionID      string         `json:"session_id"`
	TraceID        string         `json:"trace_id"`
	SpanID         string         `json:"span_id"`
	TraceFlags     byte           `json:"trace_flags"`
}

// decode is the inverse of [record.encode]. It returns the activity, and a context of
// its trace.
func decode(ctx context.Context, text string) (context.Context, activity.Activity, error) {
	var s stored
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&s); err != nil {
		return ctx, activity.Activity{}, fmt.Errorf("decode activity: %w", err)
	}
	switch {
	case s.ID.IsZero():
		return ctx, activity.Activity{}, fmt.Errorf("decode activity: it has no %s", columnID)
	case s.ActionType == "":
		return ctx, activity.Activity{}, fmt.Errorf("decode activity: %w", errNoActionType)
	}
	return trace.ContextWithSpanContext(ctx, s.span()), activity.Activity{
		ID: s.ID,
		Actor: activity.Actor{ID: s.ActorID, Type: activity.ActorType(s.ActorType), Name: s.ActorName,
			ImpersonatorID: s.ImpersonatorID, TenantID: s.TenantID},
		ActionType: activity.ActionType(s.ActionType), ActionName: s.ActionName,
		Status: activity.Status(s.Status), ErrorType: s.ErrorType,
		Object:  activity.Object{Type: s.ObjectType, ID: s.ObjectID, Name: s.ObjectName},
		Remarks: s.Remarks, Data: s.Data, // the parent of the object is in it
		ClientAddress: s.ClientAddress, UserAgent: s.UserAgent, SessionID: s.SessionID,
	}, nil
}

// span returns the context of the trace. Ids that are none are left out.
func (s *stored) span() trace.SpanContext {
	config := trace.SpanContextConfig{TraceFlags: trace.TraceFlags(s.TraceFlags)}
	config.TraceID, _ = trace.TraceIDFromHex(s.TraceID)
	config.SpanID, _ = trace.SpanIDFromHex(s.SpanID)
	return trace.NewSpanContext(config)
}
