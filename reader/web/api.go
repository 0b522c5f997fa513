package web

import (
	"bytes"
	"context"
	_ "embed" // the description of the API
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/internal/media"
)

//go:embed openapi.json
var openAPI []byte

// activities is an answer: a page of a list.
type activities struct {
	Activities []reader.Row  `json:"activities"`
	Next       reader.Cursor `json:"next,omitempty"`
	Previous   reader.Cursor `json:"previous,omitempty"`
}

// history is an answer: a part of the history of an object.
type history struct {
	Activities []reader.Act  `json:"activities"`
	Next       reader.Cursor `json:"next,omitempty"`
	Previous   reader.Cursor `json:"previous,omitempty"`
}

// counts is an answer.
type counts struct {
	Interval string         `json:"interval,omitempty"`
	By       []string       `json:"by,omitempty"`
	Groups   []reader.Group `json:"groups"`
	More     bool           `json:"more,omitempty"`
}

// endpoint is a path of the API.
type endpoint struct {
	parameters []parameter
	csv        bool // its answer is a table
	read       func(context.Context, *Handler, request) (table, View, error)
}

// table is an answer, in the forms that it can have.
type table struct {
	json           any
	csv            [][]string // of an endpoint with csv
	next, previous reader.Cursor
}

// endpoints are the paths of the API with fixed names.
var endpoints = map[string]endpoint{
	"activities": {slices.Concat(filters, paging), true, readActivities},
	"history":    {slices.Concat(filters, paging, []parameter{parts}), false, readHistory},
	"counts":     {slices.Concat(filters, counting), true, readCounts},
}

// serveAPI serves what is below api/.
func (h *Handler) serveAPI(w http.ResponseWriter, r *http.Request, path string) {
	path, ok := strings.CutPrefix(path, "v1/")
	if id, one := strings.CutPrefix(path, "activities/"); ok && one {
		h.answer(w, r, endpoint{read: func(ctx context.Context, h *Handler, _ request) (table, View, error) {
			return readActivity(ctx, h, id)
		}})
		return
	}
	if ok && path == "openapi.json" {
		w.Header().Set("Cache-Control", "no-cache")
		send(w, r, "application/json", openAPI)
		return
	}
	e, found := endpoints[path]
	if !ok || !found {
		h.fail(w, r, true, &problem{Status: http.StatusNotFound,
			Detail: "there is no such path; api/v1/openapi.json lists those that there are"})
		return
	}
	h.answer(w, r, e)
}

// Media types of answers.
const (
	mediaJSON = "application/json"
	mediaCSV  = "text/csv"
)

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, e endpoint) {
	w.Header().Set("Vary", "Accept")
	offers, detail := []string{mediaJSON}, "this answer is application/json only"
	if e.csv {
		offers, detail = append(offers, mediaCSV), "this answer is application/json or text/csv"
	}
	wanted := media.Negotiate(r.Header.Values("Accept"), offers...)
	if wanted == "" {
		h.fail(w, r, true, &problem{Status: http.StatusNotAcceptable, Detail: detail})
		return
	}
	q, faults := parse(r.URL, h.now(), e.parameters)
	if len(faults) > 0 {
		h.fail(w, r, true, badParameters(faults))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	result, view, err := e.read(ctx, h, q)
	var p *problem
	if !errors.As(err, &p) {
		view.Request, view.Query, view.Err, view.Format = r, q.query, err, map[string]string{mediaJSON: "json", mediaCSV: "csv"}[wanted]
		h.observe(r.Context(), view)
	}
	if err != nil {
		h.fail(w, r, true, h.problemOf(ctx, err))
		return
	}
	body, err := encode(wanted, result)
	if err != nil {
		h.fail(w, r, true, h.problemOf(ctx, err))
		return
	}
	link(w, r.URL, "next", result.next)
	link(w, r.URL, "prev", result.previous)
	w.Header().Set("Cache-Control", "private, no-cache")
	if wanted == mediaCSV {
		wanted += "; charset=utf-8; header=present"
	}
	send(w, r, wanted, body)
}

func encode(mediaType string, t table) ([]byte, error) {
	if mediaType == mediaJSON {
		body, err := json.Marshal(t.json)
		return append(body, '\n'), err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	err := w.WriteAll(t.csv)
	return text.Bytes(), err
}

// link adds a header that leads to another page of the answer. The address is relative, so
// that it holds below any prefix.
func link(w http.ResponseWriter, u *url.URL, rel string, c reader.Cursor) {
	if c == "" {
		return
	}
	values := u.Query()
	values.Set("cursor", string(c))
	w.Header().Add("Link", "<?"+values.Encode()+`>; rel="`+rel+`"`)
}

func readActivities(ctx context.Context, h *Handler, q request) (table, View, error) {
	page, err := h.reader.List(ctx, q.query, q.paging)
	t := table{next: page.Next, previous: page.Previous, csv: [][]string{columnNames}}
	for i := range page.Rows {
		fixData(&page.Rows[i])
		t.csv = append(t.csv, record(&page.Rows[i]))
	}
	t.json = activities{append([]reader.Row{}, page.Rows...), page.Next, page.Previous}
	return t, View{Kind: KindList, Rows: len(page.Rows)}, err
}

// badID returns the problem of a path whose last part is not an id.
func badID() *problem {
	return badParameters([]fault{{"id", "must be the id of an activity: a UUID in 36 characters"}})
}

func readActivity(ctx context.Context, h *Handler, text string) (table, View, error) {
	id, err := reader.ParseID(text)
	if err != nil {
		return table{}, View{}, badID()
	}
	row, err := h.reader.Get(ctx, id)
	if err != nil {
		return table{}, View{Kind: KindActivity, ID: id}, err
	}
	fixData(&row)
	return table{json: reader.Act{Row: row, Changes: row.Changes()}}, View{Kind: KindActivity, ID: id, Rows: 1}, nil
}

func readHistory(ctx context.Context, h *Handler, q request) (table, View, error) {
	object := q.query.Object
	if faults := objectFaults(object); len(faults) > 0 {
		return table{}, View{}, badParameters(faults)
	}
	acts, err := h.reader.History(ctx, object, reader.HistoryOptions{Paging: q.paging, Query: q.query, Parts: q.parts})
	for i := range acts.Acts {
		fixData(&acts.Acts[i].Row)
	}
	return table{json: history{append([]reader.Act{}, acts.Acts...), acts.Next, acts.Previous}, next: acts.Next, previous: acts.Previous},
		View{Kind: KindHistory, Object: object, Rows: len(acts.Acts)}, err
}

// objectFaults says what a history lacks.
func objectFaults(object reader.Object) (faults []fault) {
	for _, must := range [][2]string{{"object_type", object.Type}, {"object_id", object.ID}} {
		if must[1] == "" {
			faults = append(faults, fault{must[0], "is needed: a history is of one object"})
		}
	}
	return faults
}

// defaultGroups is how many groups a count has at most, if limit does not say otherwise.
const defaultGroups = 1000

func readCounts(ctx context.Context, h *Handler, q request) (table, View, error) {
	if q.by.Limit == 0 {
		q.by.Limit = defaultGroups
	}
	found, err := h.reader.Count(ctx, q.query, q.by)
	answer := counts{By: q.by.Columns, Groups: append([]reader.Group{}, found.Groups...), More: found.More}
	head := slices.Concat(q.by.Columns, []string{"rows"})
	if q.by.Interval != reader.None {
		answer.Interval = intervalNames[q.by.Interval-1]
		head = append([]string{"time"}, head...)
	}
	t := table{json: answer, csv: [][]string{head}}
	for _, g := range found.Groups {
		line := append(slices.Clone(g.Values), strconv.FormatInt(g.Rows, 10))
		if q.by.Interval != reader.None {
			line = append([]string{g.Time.Format("2006-01-02T15:04:05Z")}, line...)
		}
		t.csv = append(t.csv, line)
	}
	return t, View{Kind: KindCounts, Rows: len(found.Groups)}, err
}
