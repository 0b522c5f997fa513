package outbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/embedded"
	"go.opentelemetry.io/otel/trace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// record is an activity by the columns of the activity log, except those that the
// resource or the database fill.
type record struct {
	id   activity.ID
	text map[string]string // by column; no empty ones
	data map[string]any    // of JSON; numbers are int64 or float64
	span trace.SpanContext
}

// Columns that no attribute holds.
const (
	columnID      = "event_id"
	columnTime    = "action_time"
	columnRemarks = "remarks"
	columnData    = "data"
	columnService = "service_name"
	columnTrace   = "trace_id"
	columnSpan    = "span_id"
	columnWritten = "recorded_at"
	// flagsMember is a member of a stored record, and no column.
	flagsMember = "trace_flags"
)

var errNotEmitted = errors.New("the recorder emitted no record")

// recordOf returns what [instrument.Recorder] would emit for a. It lets a Recorder emit
// it, so that there is one definition of defaults, copies and limits.
func recordOf(ctx context.Context, a activity.Activity) (*record, error) {
	c := &capture{}
	id := instrument.NewRecorder(instrument.WithLoggerProvider(c)).Record(ctx, a)
	if len(c.emitted) != 1 {
		return nil, errNotEmitted
	}
	r := &record{id: id, text: make(map[string]string), span: trace.SpanContextFromContext(ctx)}
	r.set(columnRemarks, c.emitted[0].Body().AsString())
	c.emitted[0].WalkAttributes(func(kv attribute.KeyValue) bool {
		if string(kv.Key) == activity.DataKey {
			r.data, _ = plain(kv.Value).(map[string]any)
		} else if i := activity.ColumnOfKey(string(kv.Key)); i >= 0 {
			r.set(activity.Columns()[i].Name, kv.Value.AsString())
		}
		return true
	})
	if r.span.HasTraceID() {
		r.set(columnTrace, r.span.TraceID().String())
	}
	if r.span.HasSpanID() {
		r.set(columnSpan, r.span.SpanID().String())
	}
	return r, nil
}

func (r *record) set(column, text string) {
	if text != "" {
		r.text[column] = text
	}
}

// capture is a logger provider that keeps what is emitted.
type capture struct {
	embedded.LoggerProvider
	emitted []log.Record
}

func (c *capture) Logger(string, ...log.LoggerOption) log.Logger { return captureLogger{capture: c} }

type captureLogger struct {
	embedded.Logger
	capture *capture
}

func (captureLogger) Enabled(context.Context, log.EnabledParameters) bool { return true }

func (l captureLogger) Emit(_ context.Context, r log.Record) {
	l.capture.emitted = append(l.capture.emitted, r)
}

// plain returns a value as what package json takes. Bytes become Base64, as in a row.
func plain(v attribute.Value) any {
	switch v.Type() {
	case attribute.BOOL:
		return v.AsBool()
	case attribute.INT64:
		return v.AsInt64()
	case attribute.FLOAT64:
		return v.AsFloat64()
	case attribute.STRING:
		return v.AsString()
	case attribute.BYTESLICE:
		return base64.StdEncoding.EncodeToString(v.AsByteSlice())
	case attribute.SLICE:
		list := v.AsSlice()
		values := make([]any, len(list))
		for i, element := range list {
			values[i] = plain(element)
		}
		return values
	case attribute.MAP:
		entries := v.AsMap()
		values := make(map[string]any, len(entries))
		for _, entry := range entries {
			values[string(entry.Key)] = plain(entry.Value)
		}
		return values
	}
	return nil
}

// encode returns the record as a JSON object of its columns, the form that the table of
// dead letters also has.
func (r *record) encode() (string, error) {
	members := make(map[string]any, len(r.text)+3)
	for column, text := range r.text {
		members[column] = text
	}
	members[columnID] = r.id
	if len(r.data) > 0 {
		members[columnData] = mapped(r.data, exact, func(s string) string { return s })
	}
	if flags := r.span.TraceFlags(); flags != 0 {
		members[flagsMember] = int(flags)
	}
	text, err := marshal(members)
	if err != nil {
		return "", fmt.Errorf("encode activity: %w", err)
	}
	return text, nil
}

// marshal returns v as JSON. Characters of HTML stay as they are.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// mapped returns a copy of a value of JSON with other texts and keys, in which each
// float64 is the number that number makes of it.
func mapped(v any, number func(float64) string, text func(string) string) any {
	switch v := v.(type) {
	case string:
		return text(v)
	case float64:
		return json.Number(number(v))
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = mapped(element, number, text)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, element := range v {
			m[text(key)] = mapped(element, number, text)
		}
		return m
	}
	return v
}

// exact writes a number that [activity.JSONNumber] reads as the same float64.
func exact(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		text += ".0"
	}
	return text
}
