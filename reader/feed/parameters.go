package feed

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/internal/media"
)

// Bounds of a request.
const (
	maxRawQuery = 4096 // bytes
	maxValue    = 1024 // bytes of a value
)

// parameters are what a request asks for.
type parameters struct {
	query  reader.Query
	paging reader.Paging
	format string
	values url.Values // as they came
}

// filters are the parameters that compare a column, which has the same name.
var filters = map[string]func(*reader.Query, string){
	"actor_id":        func(q *reader.Query, value string) { q.Actor = value },
	"actor_type":      func(q *reader.Query, value string) { q.ActorType = activity.ActorType(value) },
	"tenant_id":       func(q *reader.Query, value string) { q.Tenant = value },
	"impersonator_id": func(q *reader.Query, value string) { q.Impersonator = value },
	"action_type":     func(q *reader.Query, value string) { q.ActionType = activity.ActionType(value) },
	"action_name":     func(q *reader.Query, value string) { q.ActionName = value },
	"status":          func(q *reader.Query, value string) { q.Status = activity.Status(value) },
	"error_type":      func(q *reader.Query, value string) { q.ErrorType = value },
	"object_type":     func(q *reader.Query, value string) { q.Object.Type = value },
	"object_id":       func(q *reader.Query, value string) { q.Object.ID = value },
	"service_name":    func(q *reader.Query, value string) { q.Service = value },
	"trace_id":        func(q *reader.Query, value string) { q.Trace = value },
	"session_id":      func(q *reader.Query, value string) { q.Session = value },
	"client_address":  func(q *reader.Query, value string) { q.Address = value },
	"source":          func(q *reader.Query, value string) { q.Source = activity.Source(value) },
}

// listed are the parameters of a list. A filter on a column that is not shown, or a search in
// one, would tell what is in it, so they are not among them.
func (h *handler) listed() []string {
	names := []string{"cursor", "format", "from", "limit", "order", "to"}
	for name := range filters {
		if h.shown.has(name) {
			names = append(names, name)
		}
	}
	if !slices.ContainsFunc(searched, func(name string) bool { return !h.shown.has(name) }) {
		names = append(names, "text")
	}
	slices.Sort(names)
	return names
}

// parse reads the parameters of a request. Each may be there once, and those that are not
// allowed are errors: a filter that is not applied would show more than was asked for.
func (h *handler) parse(r *http.Request, zone *time.Location, allowed ...string) (p parameters, err error) {
	if len(r.URL.RawQuery) > maxRawQuery {
		return p, &problem{status: http.StatusRequestURITooLong, detail: fmt.Sprintf("the query must have at most %d bytes", maxRawQuery)}
	}
	if p.values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return p, bad("the query cannot be read: write names and values with percent signs, and separate them by &")
	}
	p.paging.Limit = h.limit
	for name, values := range p.values {
		switch {
		case !slices.Contains(allowed, name):
			return p, bad("the parameter %.64q is not allowed; allowed are %s", name, strings.Join(allowed, ", "))
		case len(values) > 1:
			return p, bad("the parameter %s must be there once; got %d", name, len(values))
		case values[0] == "":
			return p, bad("the parameter %s must not be empty; leave it out", name)
		case len(values[0]) > maxValue || !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0):
			return p, bad("the parameter %s must be UTF-8 without NUL, of at most %d bytes", name, maxValue)
		}
		if err := h.set(&p, name, values[0], zone); err != nil {
			return p, err
		}
	}
	if p.format == "" {
		p.format, err = accepted(r.Header.Values("Accept"))
	}
	return p, err
}

// set sets one parameter.
func (h *handler) set(p *parameters, name, value string, zone *time.Location) (err error) {
	switch name {
	case "cursor":
		p.paging.Cursor = reader.Cursor(value)
		err = p.paging.Cursor.Check()
	case "format":
		if _, ok := senders[value]; !ok {
			return bad(`the parameter format must be one of "csv", "html", "json"; got %.64q`, value)
		}
		p.format = value
	case "from":
		p.query.From, err = parseTime(name, value, zone)
	case "to":
		p.query.To, err = parseTime(name, value, zone)
	case "limit":
		p.paging.Limit, err = strconv.Atoi(value)
		if err != nil || p.paging.Limit < 1 || p.paging.Limit > h.most {
			return bad("the parameter limit must be a number from 1 to %d; got %.64q", h.most, value)
		}
	case "order":
		orders := map[string]reader.Order{"newest": reader.NewestFirst, "oldest": reader.OldestFirst}
		order, ok := orders[value]
		if !ok {
			return bad(`the parameter order must be one of "newest", "oldest"; got %.64q`, value)
		}
		p.paging.Order = order
	case "text":
		p.query.Text = value
	default:
		filters[name](&p.query, value)
	}
	return err
}

// parseTime reads a time in RFC 3339, or a date, which begins at midnight in the zone.
func parseTime(name, value string, zone *time.Location) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, value, zone)
	}
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return at, bad(`the parameter %s must be a time like 2026-11-26T09:30:00Z or a date like 2026-11-26; got %.64q; write the sign + as %%2B`, name, value)
	}
	return at, nil
}

// accepted returns the format that the headers Accept want most.
func accepted(headers []string) (format string, err error) {
	switch media.Negotiate(headers, "application/json", "text/html", "text/csv") {
	case "application/json":
		return "json", nil
	case "text/html":
		return "html", nil
	case "text/csv":
		return "csv", nil
	}
	return "", &problem{status: http.StatusNotAcceptable, detail: "the header Accept must allow application/json, text/csv or text/html"}
}
