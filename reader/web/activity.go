package web

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// activityPage is the content of the page of one activity.
type activityPage struct {
	Row     rowView
	Title   string
	Details []detail
	Changes []changeView
	Related []named // objects in data
	Data    string  // the rest of data, as JSON
	DataCut int     // characters that are not shown
	Links   []named // where to go from here
	Trace   string  // the address of the trace elsewhere
}

// detail is a column of the row.
type detail struct {
	Label, Value, Note, Link string
	Mono                     bool
}

// maxData is how many characters of data are shown.
const maxData = 50_000

func makeActivity(ctx context.Context, h *Handler, a *asked) error {
	id, err := reader.ParseID(a.id)
	if err != nil {
		return badID()
	}
	a.view.ID = id
	row, err := h.reader.Get(ctx, id)
	if err != nil {
		return err
	}
	a.view.Rows = 1
	content := activityPage{Row: a.base.row(&row), Title: showLine(row.Remarks, 300), Details: a.base.details(&row), Links: a.base.around(&row)}
	if content.Title == "" {
		content.Title = strings.TrimSpace(content.Row.Type + " " + content.Row.ObjectType + " " + content.Row.Object.ID)
	}
	for _, c := range row.Changes() {
		content.Changes = append(content.Changes, newChangeView(c))
	}
	content.Related = a.base.related(&row)
	rest := withoutChanges(&row)
	rest, content.DataCut = cutRunes(rest, maxData)
	content.Data = showBlock(rest)
	if h.traceURL != "" && isTraceID(row.TraceID) {
		content.Trace = strings.ReplaceAll(h.traceURL, TraceID, strings.ToLower(row.TraceID))
	}
	a.page = page{Base: a.base, Title: showLine(content.Title, 80), Section: "activity", JSON: string(a.base) + "api/v1/activities/" + id.String(), Content: content}
	return nil
}

// details returns the columns that have a value.
func (base links) details(r *reader.Row) (all []detail) {
	const long = 2000
	add := func(label, value, note, link string, mono bool) {
		if value != "" || note != "" {
			all = append(all, detail{label, showLine(value, long), showLine(note, long), link, mono})
		}
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }
	add("Time", at(r.ActionTime), "UTC", "", true)
	who, note := r.ActorName, r.ActorID
	if who == "" {
		who, note = r.ActorID, ""
	}
	add("Actor", who, strings.TrimSpace(note+" "+string(r.ActorType)), base.actor(r.ActorID), false)
	add("Impersonated by", r.ImpersonatorID, "", base.to("", "impersonator_id", r.ImpersonatorID), false)
	add("Tenant", r.TenantID, "", base.to("", "tenant_id", r.TenantID), false)
	add("Action", string(r.ActionType), "", base.to("", "action_type", string(r.ActionType)), false)
	add("Called", r.ActionName, "", base.to("", "action_name", r.ActionName), true)
	add("Object", strings.TrimSpace(r.ObjectType+" "+r.ObjectID), r.ObjectName, base.object(r.Object()), false)
	add("Result", string(r.Status), r.ErrorType, "", false)
	add("Address", r.ClientAddress, "", base.to("", "client_address", r.ClientAddress), true)
	add("Program", r.UserAgent, "", "", false)
	add("Session", r.SessionID, "", base.to("", "session_id", r.SessionID), true)
	add("Service", r.ServiceName, "", base.to("", "service_name", r.ServiceName), false)
	add("Trace", r.TraceID, "", "", true)
	add("Span", r.SpanID, "", "", true)
	add("Source", string(r.Source), sourceNote(r.Source), "", false)
	add("Recorded", at(r.RecordedAt), "UTC", "", true)
	add("Id", r.EventID.String(), "", "", true)
	return all
}

func sourceNote(s activity.Source) string {
	switch s {
	case activity.SourceDeclared:
		return "by the service"
	case activity.SourceDerived:
		return "from a span of the service"
	}
	return ""
}

// around returns where to go from an activity.
func (base links) around(r *reader.Row) (all []named) {
	add := func(name, link string) {
		if link != "" {
			all = append(all, named{Name: name, Link: link})
		}
	}
	add("All of this actor", base.actor(r.ActorID))
	if r.ObjectType != "" {
		add("History of this object", base.object(r.Object()))
	}
	add("Same session", base.to("", "session_id", r.SessionID))
	if isTraceID(r.TraceID) {
		add("Same trace", base.to("", "trace_id", r.TraceID))
	}
	from, to := r.ActionTime.UTC().Add(-5*time.Minute), r.ActionTime.UTC().Add(5*time.Minute)
	add("Five minutes around", base.to("", "from", from.Format(time.RFC3339), "to", to.Format(time.RFC3339)))
	return all
}

// other is an object within data.
type other struct {
	Type   string `json:"type"`
	ID     any    `json:"id"`
	Name   string `json:"name"`
	Parent *other `json:"parent"`
}

// maxRelated is how many objects of an act are shown.
const maxRelated = 100

// related returns the objects that data names.
func (base links) related(r *reader.Row) (all []named) {
	var data map[string]json.RawMessage
	if json.Unmarshal(r.Data, &data) != nil {
		return nil
	}
	add := func(label string, o *other) {
		id := ""
		switch value := o.ID.(type) {
		case string:
			id = value
		case json.Number:
			id = value.String()
		}
		if o.Type != "" && id != "" && len(all) < maxRelated {
			text := showLine(o.Type, listText) + " " + showLine(id, listText)
			all = append(all, named{Name: strings.TrimSpace(text + " " + showLine(o.Name, listText)), ID: label, Link: base.object(reader.Object{Type: o.Type, ID: id})})
		}
	}
	var objects []other
	if decode(data[activity.ObjectsKey], &objects) {
		for i := range objects {
			add("Also", &objects[i])
		}
	}
	var parent *other
	if decode(data[activity.ParentKey], &parent) {
		for o := parent; o != nil; o = o.Parent {
			add("Part of", o)
		}
	}
	return all
}

func decode(text json.RawMessage, into any) bool {
	if len(text) == 0 {
		return false
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	return d.Decode(into) == nil
}

// withoutChanges returns data as JSON for people, without the changes that are shown
// elsewhere. It is "" if there is no more.
func withoutChanges(r *reader.Row) string {
	data, ok := r.OtherData()
	if !ok {
		return string(r.Data)
	}
	if len(data) == 0 {
		return ""
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if e.Encode(data) != nil {
		return string(r.Data)
	}
	return string(reader.IndentJSON(bytes.TrimSpace(text.Bytes())))
}
