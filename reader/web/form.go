package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// form is the filters of a page, as they are filled in.
type form struct {
	Action string // where it leads
	Fields []field
	More   []field // behind a fold
	Open   bool    // the fold
	Kept   []field // not shown, but sent
}

// field is an input.
type field struct {
	Name, Label, Value string
	Kind               string // "text", "time", "select", "suggest"
	Choices            []choiceView
	Hint               string
}

type choiceView struct {
	Value, Label string
	Selected     bool
}

// chip is a filter that is set, and the address without it.
type chip struct{ Label, Value, Without string }

// labels are the names of parameters for people.
var labels = map[string]string{
	"last": "Period", "from": "From (UTC)", "to": "To (UTC)", "actor_id": "Actor id", "action_type": "Action", "status": "Result",
	"object_type": "Object type", "object_id": "Object id", "text": "Text", "actor_type": "Actor type", "tenant_id": "Tenant",
	"impersonator_id": "Impersonator id", "action_name": "Called", "error_type": "Error", "service_name": "Service", "session_id": "Session",
	"client_address": "Address", "trace_id": "Trace id", "source": "Source", "data": "Data", "order": "Order", "limit": "Rows on a page",
	"parts": "Parts", "interval": "Bars by",
}

var hints = map[string]string{"text": "in remarks and names", "data": "parent.type=article"}

// periods are the choices of the parameter last.
var periods = []choiceView{{Label: "Any, or from – to"}, {Value: "1h", Label: "Last hour"}, {Value: "24h", Label: "Last 24 hours"}, {Value: "7d", Label: "Last 7 days"},
	{Value: "30d", Label: "Last 30 days"}, {Value: "365d", Label: "Last 365 days"}}

// newForm returns a form with some parameters in front, and others behind a fold.
func newForm(action string, values url.Values, front, more, kept []string) form {
	f := form{Action: action}
	for _, name := range front {
		f.Fields = append(f.Fields, newField(name, values))
	}
	for _, name := range more {
		one := newField(name, values)
		f.Open = f.Open || values.Get(name) != "" && name != "order" && name != "limit"
		f.More = append(f.More, one)
	}
	for _, name := range kept {
		if values.Get(name) != "" {
			f.Kept = append(f.Kept, field{Name: name, Value: values.Get(name)})
		}
	}
	for _, value := range values["data"][min(1, len(values["data"])):] { // the form has room for one
		f.Kept = append(f.Kept, field{Name: "data", Value: value})
	}
	return f
}

func newField(name string, values url.Values) field {
	f := field{Name: name, Label: labels[name], Value: values.Get(name), Kind: "text", Hint: hints[name]}
	var choices []string
	switch name {
	case "last":
		f.Choices = slices.Clone(periods)
		if !slices.ContainsFunc(periods, func(c choiceView) bool { return c.Value == f.Value }) {
			f.Choices = append(f.Choices, choiceView{Value: f.Value, Label: "Last " + showLine(f.Value, 20)})
		}
		f.Kind = "select"
		f.selectOne()
		return f
	case "from", "to":
		f.Kind = "time"
		var q request
		place := &q.query.From
		if setTime(place, f.Value) == nil {
			f.Value = place.Format("2006-01-02T15:04:05.999")
		}
		return f
	case "action_type":
		f.Kind = "suggest"
		for _, t := range activity.ActionTypes() {
			f.Choices = append(f.Choices, choiceView{Value: string(t)})
		}
		return f
	case "data":
		f.Value = strings.Join(values[name][:min(1, len(values[name]))], "")
		return f
	case "status":
		choices = statuses
	case "actor_type":
		choices = actorTypes
	case "source":
		choices = sources
	case "order":
		choices = []string{"oldest"}
	case "limit":
		choices = []string{"20", "100", "500"}
	default:
		return f
	}
	none := cmp.Or(map[string]string{"order": "newest first", "limit": "50"}[name], "any")
	f.Kind, f.Choices = "select", []choiceView{{Label: none}}
	for _, c := range choices {
		f.Choices = append(f.Choices, choiceView{Value: c, Label: cmp.Or(map[string]string{"oldest": "oldest first"}[c], c)})
	}
	f.selectOne()
	return f
}

func (f *field) selectOne() {
	for i := range f.Choices {
		f.Choices[i].Selected = f.Choices[i].Value == f.Value
	}
}

// chips returns the filters that are set, without those that the page is about.
func chips(values url.Values, about ...string) (all []chip) {
	for _, p := range filters {
		for i, value := range values[p.name] {
			if slices.Contains(about, p.name) {
				continue
			}
			rest := url.Values{}
			for name, others := range values {
				rest[name] = slices.Clone(others)
			}
			rest[p.name] = slices.Delete(rest[p.name], i, i+1)
			rest.Del("cursor")
			all = append(all, chip{Label: strings.TrimSuffix(labels[p.name], " (UTC)"), Value: showLine(value, listText), Without: "?" + rest.Encode()})
		}
	}
	return all
}

// tidy returns the parameters of a form without those that were left empty, and whether
// there were any. A browser sends all of them.
func tidy(values url.Values) (kept url.Values, changed bool) {
	kept = url.Values{}
	for name, all := range values {
		for _, value := range all {
			if value == "" {
				changed = true
				continue
			}
			kept.Add(name, value)
		}
	}
	if kept.Has("last") && (kept.Has("from") || kept.Has("to")) { // times that somebody typed are meant
		kept.Del("last")
		changed = true
	}
	return kept, changed
}

// cursorLink is the address of another page of what is shown.
func cursorLink(values url.Values, c reader.Cursor) string {
	if c == "" {
		return ""
	}
	other := maps.Clone(values)
	other.Set("cursor", string(c))
	return "?" + other.Encode()
}
