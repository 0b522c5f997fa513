// Package storytest makes real requests to a running service, each with the row that it
// must give. Then it compares whole rows: each step gives exactly its row, and there are
// no others.
package storytest

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/visitor"
)

// Step is one request, and the row that it must give.
type Step struct {
	Who          string // whose cookies; also the user agent, "story/alice"
	Method, Path string
	Body         any      // sent as JSON; nil: none
	Status       int      // 0: no answer, the connection breaks
	Row          rows.Row // columns that differ from the common ones; nil: no row
	Header       []string // pairs of names and values
}

// Do returns a step. header is pairs of names and values.
func Do(who, method, path string, body any, status int, row rows.Row, header ...string) Step {
	return Step{Who: who, Method: method, Path: path, Body: body, Status: status, Row: row, Header: header}
}

// Fields are a JSON object.
type Fields = map[string]string

// Service is the service that gets the requests.
type Service struct {
	URL     string
	Common  rows.Row // the columns that are the same in each row
	Login   string   // path of the login
	Cookie  string   // name of the cookie that opens a session
	Secrets []string // texts that no row may contain, in addition to the cookies' values
	// Header gives headers that depend on the visitor, such as a CSRF token. It
	// may be nil.
	Header func(*visitor.Visitor) []string
}

// Story is the requests that were made.
type Story struct {
	service Service
	events  []event
	secrets []string
}

// event is a request that was made, with its whole row.
type event struct {
	Step
	sent, received time.Time
}

// Row returns the columns of a step: actor, action, the error if it failed,
// object and remarks. more are further columns in pairs.
func Row(actor rows.Row, action, name, errorType, objectType, objectID, remarks string, more ...string) rows.Row {
	r := maps.Clone(actor)
	r["action_type"], r["action_name"], r["remarks"], r["status"] = action, name, remarks, "Success"
	r["object_type"], r["object_id"], r["data"] = objectType, objectID, "{}"
	if errorType != "" {
		r["error_type"], r["status"] = errorType, "Failed"
	}
	for i := 0; i+1 < len(more); i += 2 {
		r[more[i]] = more[i+1]
	}
	maps.DeleteFunc(r, func(_, v string) bool { return v == "" }) // empty is NULL
	return r
}

// Tell makes the requests.
func (s Service) Tell(t *testing.T, steps []Step) *Story {
	t.Helper()
	story := &Story{service: s, secrets: s.Secrets}
	people := map[string]*visitor.Visitor{}
	for _, step := range steps {
		who := people[step.Who]
		if who == nil {
			who = visitor.New(s.URL, "story/"+step.Who)
			people[step.Who] = who
		}
		header := step.Header
		if s.Header != nil {
			header = append(s.Header(who), header...)
		}
		sent := time.Now()
		res, err := who.Do(t.Context(), step.Method, step.Path, step.Body, header...)
		if res.Status != step.Status || (err != nil) != (step.Status == 0) {
			t.Errorf("%s: %s %s answered %d %s (%v), want %d",
				step.Who, step.Method, step.Path, res.Status, res.Body, err, step.Status)
		}
		if token := who.Cookie(s.Cookie); token != "" && step.Path == s.Login && res.Status == http.StatusOK {
			story.secrets = append(story.secrets, token)
		}
		if step.Row != nil {
			story.add(step, res.TraceID, sent)
		}
	}
	return story
}

// add notes a request that has a row.
func (s *Story) add(step Step, traceID string, sent time.Time) {
	row := maps.Clone(step.Row)
	row["user_agent"], row["trace_id"] = "story/"+step.Who, traceID // the client's own
	for column, value := range s.service.Common {
		if _, said := row[column]; !said {
			row[column] = value
		}
	}
	step.Row = row
	s.events = append(s.events, event{step, sent, time.Now()})
}

// Tracked returns how many rows there must be.
func (s *Story) Tracked() int { return len(s.events) }
