package web

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// Time that is counted if the parameters do not say.
const (
	weekBack  = 7 * 24 * time.Hour
	monthBack = 30 * 24 * time.Hour
)

// span returns the query with both of its times set, so that it does not look at all rows.
func (a *asked) span(back time.Duration) reader.Query {
	q := a.query
	switch {
	case q.To.IsZero() && q.From.IsZero():
		q.To = a.now.UTC()
		q.From = q.To.Add(-back)
		a.implied = strconv.Itoa(int(back/(24*time.Hour))) + "d"
	case q.To.IsZero():
		q.To = a.now.UTC()
	case q.From.IsZero():
		q.From = q.To.Add(-back)
	}
	if !q.From.Before(q.To) { // from is ahead
		q.To = q.From.Add(time.Hour)
	}
	return q
}

// timed returns the parameters with the time that is counted, if they do not say it.
func (a *asked) timed() url.Values {
	values := maps.Clone(a.values)
	if a.implied != "" {
		values.Set("last", a.implied)
	}
	return values
}

func between(q reader.Query) string {
	const layout = "2 Jan 2006 15:04"
	return q.From.UTC().Format(layout) + " – " + q.To.UTC().Format(layout) + " UTC"
}

// top is how many rows the commonest values of a column have.
type top struct {
	Title string
	Lines []topLine
	More  bool
}

type topLine struct {
	Text, Note, Link string
	Rows             string
	Percent          int // of the first
}

// topMost is how many values are shown.
const topMost = 8

// columnTitles are the headings of tops.
var columnTitles = map[string]string{"action_type": "Actions", "object_type": "Kinds of objects", "client_address": "Addresses", "service_name": "Services",
	"error_type": "Errors", "actor_id": "Actors", "status": "Results"}

func (h *Handler) tops(ctx context.Context, a *asked, q reader.Query, columns ...string) (all []top, err error) {
	for _, column := range columns {
		by := []string{column}
		if column == "actor_id" {
			by = []string{"actor_id", "actor_name"}
		}
		found, err := h.reader.Count(ctx, q, reader.By{Columns: by, Limit: topMost})
		if err != nil {
			return nil, err
		}
		t := top{Title: columnTitles[column], More: found.More}
		for _, g := range found.Groups {
			line := topLine{Text: showLine(g.Values[0], listText), Link: a.filtered(column, g.Values[0]),
				Rows: number(g.Rows), Percent: max(1, int(100*g.Rows/found.Groups[0].Rows))}
			if len(g.Values) > 1 && g.Values[1] != "" {
				line.Note, line.Text = line.Text, showLine(g.Values[1], listText)
			}
			t.Lines = append(t.Lines, line)
		}
		all = append(all, t)
	}
	return all, nil
}

// listed returns the parameters of the list of what the page counts.
func (a *asked) listed() url.Values {
	values := a.timed()
	for _, name := range []string{"cursor", "interval", "order", "limit", "parts"} {
		values.Del(name)
	}
	if a.query.ActionType != "" {
		values.Set("action_type", string(a.query.ActionType))
	}
	return values
}

// filtered is the address of the list with one more filter. It is "" if no filter can have the
// value.
func (a *asked) filtered(name, value string) string {
	if checkText(value) != nil {
		return ""
	}
	values := a.listed()
	values.Set(name, value)
	return string(a.base) + "?" + values.Encode()
}

// chart counts rows by time.
func (h *Handler) chart(ctx context.Context, a *asked, q reader.Query, interval reader.Interval, title string) (chart, error) {
	found, err := h.reader.Count(ctx, q, reader.By{Interval: interval, Columns: []string{"status"}})
	if err != nil {
		return chart{}, err
	}
	c := newChart(found.Groups, interval, q.From, q.To, func(from, to time.Time) string {
		values := a.listed()
		values.Del("last")
		values.Set("from", from.Format(time.RFC3339))
		values.Set("to", to.Format(time.RFC3339))
		return string(a.base) + "?" + values.Encode()
	})
	c.Title = title
	return c, nil
}

func (c *chart) sum() (n int64) {
	for _, b := range c.Bars {
		n += b.Rows
	}
	return n
}

// countsPage is the content of the page of counts.
type countsPage struct {
	Form   form
	Chips  []chip
	Sub    string
	Charts []chart
	Tops   []top
}

func makeCounts(ctx context.Context, h *Handler, a *asked) error {
	a.query = a.span(weekBack)
	interval := a.by.Interval
	if interval == reader.None {
		interval = fitting(a.query.To.Sub(a.query.From))
	}
	one, err := h.chart(ctx, a, a.query, interval, "Activities")
	if err != nil {
		return err
	}
	tops, err := h.tops(ctx, a, a.query, "action_type", "actor_id", "object_type", "status", "service_name", "client_address")
	if err != nil {
		return err
	}
	a.view.Rows = len(one.Bars)
	values := a.timed()
	values.Set("interval", intervalNames[interval-1])
	a.page = page{Base: a.base, Title: "Counts", Section: "counts", JSON: string(a.base) + "api/v1/counts?" + values.Encode(),
		Content: countsPage{Form: newForm("counts", a.timed(), append(timeFields, "actor_id", "action_type", "object_type", "service_name", "status"), nil, []string{"interval"}),
			Chips: chips(a.values), Sub: between(a.query), Charts: []chart{one}, Tops: tops}}
	return nil
}
