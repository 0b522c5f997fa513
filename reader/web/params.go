package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// request is what the parameters of a URL ask for.
type request struct {
	query  reader.Query
	paging reader.Paging
	parts  bool
	by     reader.By

	last time.Duration // before now, instead of query.From
	now  time.Time
}

// parameter is a parameter of a URL. Its set parses a value, and says what it must be.
type parameter struct {
	name string
	most int // how often it may be there, if more than once
	set  func(*request, string) error
}

// maxValue is the longest value of a parameter, in bytes.
const maxValue = 2000

// parse reads the parameters of a URL, and returns what is wrong with them.
func parse(u *url.URL, now time.Time, parameters []parameter) (q request, faults []fault) {
	q.now = now
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return q, []fault{{Parameter: "", Detail: "the parameters after ? are not a valid query of a URL"}}
	}
	for _, p := range parameters {
		given := values[p.name]
		delete(values, p.name)
		if len(given) > max(p.most, 1) {
			faults = append(faults, fault{p.name, fmt.Sprintf("may be given %s", times(max(p.most, 1)))})
			continue
		}
		for _, value := range given {
			err := checkText(value)
			if err == nil {
				err = p.set(&q, value)
			}
			if err != nil {
				faults = append(faults, fault{p.name, err.Error()})
			}
		}
	}
	var unknown []string
	for name := range values {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		faults = append(faults, fault{shortened(name), "there is no such parameter here; there are " + names(parameters)})
	}
	if len(faults) == 0 {
		faults = q.checkTimes()
	}
	return q, faults
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func names(parameters []parameter) string {
	all := make([]string, len(parameters))
	for i, p := range parameters {
		all[i] = p.name
	}
	return strings.Join(all, ", ")
}

func shortened(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if runes := []rune(name); len(runes) > 64 {
		return string(runes[:64]) + "…"
	}
	return name
}

func checkText(value string) error {
	switch {
	case value == "":
		return fmt.Errorf("must not be empty; leave the parameter out")
	case len(value) > maxValue:
		return fmt.Errorf("must have at most %d bytes; got %d", maxValue, len(value))
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return fmt.Errorf("must be UTF-8 without NUL")
	}
	return nil
}

// checkTimes looks at from, to and last together, and makes the first two of the third.
func (q *request) checkTimes() []fault {
	from, to := q.query.From, q.query.To
	if q.last > 0 {
		if !from.IsZero() || !to.IsZero() {
			return []fault{{"last", "must not be combined with from and to"}}
		}
		q.query.From = q.now.Add(-q.last).UTC()
		return nil
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return []fault{{"to", "must be after from"}}
	}
	return nil
}

// filters are the parameters of a [reader.Query], in the order in which they are listed.
var filters = []parameter{
	{name: "from", set: func(q *request, value string) error { return setTime(&q.query.From, value) }},
	{name: "to", set: func(q *request, value string) error { return setTime(&q.query.To, value) }},
	{name: "last", set: func(q *request, value string) (err error) { q.last, err = parseLast(value); return err }},
	text("actor_id", func(q *reader.Query) *string { return &q.Actor }),
	choice("actor_type", func(q *reader.Query) *string { return (*string)(&q.ActorType) }, actorTypes...),
	text("tenant_id", func(q *reader.Query) *string { return &q.Tenant }),
	text("impersonator_id", func(q *reader.Query) *string { return &q.Impersonator }),
	text("action_type", func(q *reader.Query) *string { return (*string)(&q.ActionType) }),
	text("action_name", func(q *reader.Query) *string { return &q.ActionName }),
	choice("status", func(q *reader.Query) *string { return (*string)(&q.Status) }, statuses...),
	text("error_type", func(q *reader.Query) *string { return &q.ErrorType }),
	text("object_type", func(q *reader.Query) *string { return &q.Object.Type }),
	text("object_id", func(q *reader.Query) *string { return &q.Object.ID }),
	text("service_name", func(q *reader.Query) *string { return &q.Service }),
	{name: "trace_id", set: func(q *request, value string) error {
		if !isTraceID(value) {
			return fmt.Errorf("must be 32 hexadecimal digits; got %q", shortened(value))
		}
		q.query.Trace = value
		return nil
	}},
	text("session_id", func(q *reader.Query) *string { return &q.Session }),
	text("client_address", func(q *reader.Query) *string { return &q.Address }),
	choice("source", func(q *reader.Query) *string { return (*string)(&q.Source) }, sources...),
	text("text", func(q *reader.Query) *string { return &q.Text }),
	{name: "data", most: 8, set: func(q *request, value string) error {
		condition, err := parseData(value)
		q.query.Data = append(q.query.Data, condition)
		return err
	}},
}

// loginFilters are those of failed logins, which are of one type.
var loginFilters = slices.DeleteFunc(slices.Clone(filters), func(p parameter) bool { return p.name == "action_type" })

var (
	actorTypes = []string{string(activity.ActorUser), string(activity.ActorService), string(activity.ActorSystem), string(activity.ActorAnonymous)}
	statuses   = []string{string(activity.StatusSuccess), string(activity.StatusFailed)}
	sources    = []string{string(activity.SourceDeclared), string(activity.SourceDerived)}
)

// text is a parameter that is compared with a column.
func text(name string, place func(*reader.Query) *string) parameter {
	return parameter{name: name, set: func(q *request, value string) error {
		*place(&q.query) = value
		return nil
	}}
}

// choice is a parameter with few values.
func choice(name string, place func(*reader.Query) *string, values ...string) parameter {
	return parameter{name: name, set: func(q *request, value string) error {
		*place(&q.query) = value
		return oneOf(value, values)
	}}
}

func oneOf(value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf(`must be one of "%s"; got %q`, strings.Join(values, `", "`), shortened(value))
}

func isTraceID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdefABCDEF") == ""
}
