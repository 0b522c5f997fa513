package web

import (
	"context"
	"maps"
	"strconv"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// Fields of forms.
var (
	frontFields = []string{"last", "from", "to", "actor_id", "action_type", "status", "object_type", "object_id", "text"}
	moreFields  = []string{"actor_type", "impersonator_id", "tenant_id", "action_name", "error_type", "service_name", "client_address",
		"session_id", "trace_id", "source", "data", "order", "limit"}
	timeFields = []string{"last", "from", "to"}
)

// listPage is the content of a page with rows.
type listPage struct {
	Form  form
	Chips []chip
	rowsView

	// Of the pages about an actor and an object.
	Heading string
	Sub     string
	Charts  []chart
	Tops    []top
	Parts   string // the address with the object's parts, or without them
	HasPart bool
}

// rowsView is a part of a list.
type rowsView struct {
	Days                []day
	Rows                string // "50 activities"
	First, Newer, Older string // addresses
	Oldest              bool   // the oldest are first
	Between             string // the times of the first and last row
}

func (a *asked) rows(rows []reader.Row, next, previous reader.Cursor, changes bool) rowsView {
	v := rowsView{Days: a.base.days(rows, changes), Rows: plural(int64(len(rows)), "activity", "activities"),
		Oldest: a.paging.Order == reader.OldestFirst}
	v.Older, v.Newer = cursorLink(a.values, next), cursorLink(a.values, previous)
	if v.Oldest {
		v.Older, v.Newer = v.Newer, v.Older
	}
	if a.values.Has("cursor") {
		first := maps.Clone(a.values)
		first.Del("cursor")
		v.First = "?" + first.Encode()
	}
	if n := len(rows); n > 0 {
		const layout = "2 Jan 2006 15:04:05"
		v.Between = rows[0].ActionTime.UTC().Format(layout) + " – " + rows[n-1].ActionTime.UTC().Format(layout)
	}
	a.view.Rows = len(rows)
	return v
}

func makeList(ctx context.Context, h *Handler, a *asked) error {
	found, err := h.reader.List(ctx, a.query, a.paging)
	if err != nil {
		return err
	}
	a.page = page{Base: a.base, Title: "Activities", Section: "list", JSON: string(a.base) + "api/v1/activities?" + a.values.Encode(),
		Content: listPage{Form: newForm(string(a.base), a.values, frontFields, moreFields, nil), Chips: chips(a.values),
			rowsView: a.rows(found.Rows, found.Next, found.Previous, false)}}
	return nil
}

func makeActor(ctx context.Context, h *Handler, a *asked) error {
	if a.query.Actor == "" {
		return badParameters([]fault{{"actor_id", "is needed: the page is about one actor"}})
	}
	found, err := h.reader.List(ctx, a.query, a.paging)
	if err != nil {
		return err
	}
	content := listPage{Form: newForm("actor", a.values, append(timeFields, "action_type", "status", "object_type"), nil, []string{"actor_id"}),
		Chips: chips(a.values, "actor_id"), rowsView: a.rows(found.Rows, found.Next, found.Previous, false)}
	content.Heading = showLine(a.query.Actor, listText)
	for _, r := range found.Rows {
		if r.ActorName != "" {
			content.Heading, content.Sub = showLine(r.ActorName, listText), showLine(a.query.Actor, listText)
			break
		}
	}
	if a.paging.Cursor == "" {
		q := a.span(monthBack)
		one, err := h.chart(ctx, a, q, fitting(q.To.Sub(q.From)), "Activities of this actor")
		if err != nil {
			return err
		}
		tops, err := h.tops(ctx, a, q, "action_type", "object_type", "client_address")
		if err != nil {
			return err
		}
		content.Charts, content.Tops = []chart{one}, tops
	}
	a.page = page{Base: a.base, Title: "Actor " + content.Heading, Section: "actor", JSON: string(a.base) + "api/v1/activities?" + a.values.Encode(), Content: content}
	return nil
}

func makeObject(ctx context.Context, h *Handler, a *asked) error {
	object := a.query.Object
	if faults := objectFaults(object); len(faults) > 0 {
		return badParameters(faults)
	}
	a.view.Object = object
	acts, err := h.reader.History(ctx, object, reader.HistoryOptions{Paging: a.paging, Query: a.query, Parts: a.parts})
	if err != nil {
		return err
	}
	var rows []reader.Row
	for _, act := range acts.Acts {
		rows = append(rows, act.Row)
	}
	about := []string{"object_type", "object_id"}
	content := listPage{Form: newForm("object", a.values, append(timeFields, "actor_id", "action_type", "status"), nil, append(about, "parts")),
		Chips: chips(a.values, about...), rowsView: a.rows(rows, acts.Next, acts.Previous, true)}
	content.Heading = showLine(object.Type, listText) + " " + showLine(object.ID, listText)
	for _, r := range rows {
		if r.Object() == object && r.ObjectName != "" {
			content.Sub = showLine(r.ObjectName, listLabel)
			break
		}
	}
	other := maps.Clone(a.values)
	other.Del("cursor")
	other.Set("parts", strconv.FormatBool(!a.parts))
	content.Parts, content.HasPart = "?"+other.Encode(), a.parts
	a.page = page{Base: a.base, Title: "History of " + content.Heading, Section: "object", JSON: string(a.base) + "api/v1/history?" + a.values.Encode(), Content: content}
	return nil
}

func makeLogins(ctx context.Context, h *Handler, a *asked) error {
	a.query.ActionType = activity.ActionLoginFailed
	a.query = a.span(weekBack)
	found, err := h.reader.List(ctx, a.query, a.paging)
	if err != nil {
		return err
	}
	content := listPage{Form: newForm("failed-logins", a.timed(), append(timeFields, "client_address", "text"), nil, nil),
		Chips: chips(a.values), rowsView: a.rows(found.Rows, found.Next, found.Previous, false)}
	content.Sub = between(a.query)
	if a.paging.Cursor == "" {
		one, err := h.chart(ctx, a, a.query, fitting(a.query.To.Sub(a.query.From)), "Failed logins")
		if err != nil {
			return err
		}
		one.Summary = plural(one.sum(), "failed login", "failed logins")
		tops, err := h.tops(ctx, a, a.query, "client_address", "service_name", "error_type")
		if err != nil {
			return err
		}
		content.Charts, content.Tops = []chart{one}, tops
	}
	values := a.timed()
	values.Set("action_type", string(activity.ActionLoginFailed))
	a.page = page{Base: a.base, Title: "Failed logins", Section: "logins", JSON: string(a.base) + "api/v1/activities?" + values.Encode(), Content: content}
	return nil
}

// pager is the links to other pages of a list. Each has a label of its own, for screen
// readers.
type pager struct {
	Label string
	View  rowsView
}

// Pager is for templates.
func (v rowsView) Pager(label string) pager { return pager{label, v} }
