package activityprocessor

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// allSpans returns the spans of td with their resources.
func allSpans(td ptrace.Traces) iter.Seq2[pcommon.Resource, ptrace.Span] {
	return func(yield func(pcommon.Resource, ptrace.Span) bool) {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					if !yield(rs.Resource(), span) {
						return
					}
				}
			}
		}
	}
}

// allLines returns the log records of ld with their resources.
func allLines(ld plog.Logs) iter.Seq2[pcommon.Resource, plog.LogRecord] {
	return func(yield func(pcommon.Resource, plog.LogRecord) bool) {
		for _, rl := range ld.ResourceLogs().All() {
			for _, sl := range rl.ScopeLogs().All() {
				for _, line := range sl.LogRecords().All() {
					if !yield(rl.Resource(), line) {
						return
					}
				}
			}
		}
	}
}

// row sets the columns of the row, if the record is an activity. body is that of a log
// record.
func (e *Explainer) row(x *Explanation, i int, body string) {
	one := &e.watch.records[i]
	if one.why != isActivity {
		return
	}
	for _, column := range activity.Columns() {
		name := column.Name
		switch column.Key {
		case "":
			if v := x.placeOf(name, one); v != "" {
				x.Columns = append(x.Columns, ExplainedColumn{name, v, placeOrigins[name]})
			}
		case activity.ServiceNameKey:
			if x.Service != "" {
				x.Columns = append(x.Columns, ExplainedColumn{name, x.Service, "resource attribute service.name"})
			}
		case activity.DataKey:
			x.Columns = append(x.Columns, one.data()...)
		case activity.RemarksKey:
			if body != "" {
				x.Columns = append(x.Columns, ExplainedColumn{name, body, "body of the log record"})
				continue
			}
			fallthrough
		default:
			if v, ok := one.attrs.Get(column.Key); ok && record.Text(v) != "" {
				x.Columns = append(x.Columns, ExplainedColumn{name, record.Text(v), one.origin(column.Key)})
			}
		}
	}
}

// placeOrigins say where columns without an attribute come from.
var placeOrigins = map[string]string{
	"action_time": "event_id", "trace_id": "the record itself", "span_id": "the record itself",
}

// placeOf returns the value of a column without an attribute.
func (x *Explanation) placeOf(column string, one *watched) string {
	switch column {
	case "action_time":
		if v, ok := one.attrs.Get(activity.IDKey); ok {
			if id, err := activity.ParseID(v.Str()); err == nil {
				return formatTime(id.Time())
			}
		}
	case "trace_id":
		return x.TraceID
	case "span_id":
		return x.SpanID
	}
	return ""
}

// origin says where the value of an attribute came from.
func (one *watched) origin(key string) string {
	from := one.notes.Origins[key]
	_, came := one.came.Get(key)
	by := one.setBy[key]
	attribute, isAttribute := strings.CutPrefix(from, "attribute ")
	switch {
	case by != "":
		from = by
	case isAttribute && one.setBy[attribute] != "":
		from += ", set by " + one.setBy[attribute]
	case from != "":
	case came:
		from = "attribute " + key
	case key == activity.IDKey:
		from = "the ids and times of the record"
	case key == activity.RemarksKey:
		from = "default sentence"
	default:
		from = "default"
	}
	if one.changed[key] {
		from += ", changed by privacy"
	}
	return from
}

// ofData are attributes that the column data has as well, by their names there.
var ofData = map[string]string{
	activity.OriginalIDKey: activity.OriginalIDKey, activity.ClaimedTimeKey: activity.ClaimedTimeKey,
	activity.OriginalStatusKey: activity.OriginalStatusKey, activity.ActorVerifiedKey: activity.ActorVerifiedName,
	activity.DroppedAttributesKey: activity.DroppedAttributesKey, activity.DroppedMembersKey: activity.DroppedMembersKey,
}

// data returns the members of the column data.
func (one *watched) data() (columns []ExplainedColumn) {
	const prefix = "data."
	for _, key := range slices.Sorted(maps.Keys(ofData)) {
		if v, ok := one.attrs.Get(key); ok {
			columns = append(columns, ExplainedColumn{prefix + ofData[key], v.AsString(), one.origin(key)})
		}
	}
	data, ok := one.attrs.Get(activity.DataKey)
	if !ok {
		return columns
	}
	if data.Type() != pcommon.ValueTypeMap {
		return append(columns, ExplainedColumn{"data", data.AsString(), one.origin(activity.DataKey)})
	}
	for _, name := range slices.Sorted(maps.Keys(data.Map().AsRaw())) {
		v, _ := data.Map().Get(name)
		columns = append(columns, ExplainedColumn{prefix + name, jsonOf(v), one.memberOrigin(name)})
	}
	return columns
}

// memberOrigin says where a member of the data came from.
func (one *watched) memberOrigin(name string) string {
	if data, ok := one.came.Get(activity.DataKey); ok && data.Type() == pcommon.ValueTypeMap {
		if _, ok := data.Map().Get(name); ok {
			return "attribute " + activity.DataKey
		}
	}
	if from := one.notes.Origins[activity.DataKey+"."+name]; from != "" {
		return from
	}
	return one.origin(activity.DataKey)
}

// jsonOf returns a value as the column data has it.
func jsonOf(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	text, err := json.Marshal(v.AsRaw())
	if err != nil {
		return v.AsString() // NaN
	}
	return string(text)
}
