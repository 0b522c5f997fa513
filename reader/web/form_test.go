package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

func parsed(t *testing.T, query string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// Each parameter that a form has is one that its page takes, and has a label.
func TestFieldsAreParameters(t *testing.T) {
	has := func(parameters []parameter, name string) bool {
		return slices.ContainsFunc(parameters, func(p parameter) bool { return p.name == name })
	}
	for _, name := range slices.Concat(frontFields, moreFields) {
		if !has(views[""].parameters, name) {
			t.Errorf("the list has a field %s, and no such parameter", name)
		}
		if labels[name] == "" {
			t.Errorf("%s has no label", name)
		}
	}
	for _, p := range views[""].parameters {
		if p.name != "cursor" && !slices.Contains(frontFields, p.name) && !slices.Contains(moreFields, p.name) {
			t.Errorf("the list has a parameter %s, and no such field", p.name)
		}
	}
	for _, p := range periods {
		if p.Value == "" {
			continue
		}
		if _, err := parseLast(p.Value); err != nil {
			t.Errorf("the period %s: %v", p.Value, err)
		}
	}
}

// Each choice of a field is a value that the parameter takes.
func TestChoicesAreValues(t *testing.T) {
	for _, name := range slices.Concat(frontFields, moreFields) {
		for _, c := range newField(name, url.Values{}).Choices {
			if c.Value == "" {
				continue
			}
			u := &url.URL{RawQuery: url.Values{name: {c.Value}}.Encode()}
			if _, faults := parse(u, noon, views[""].parameters); len(faults) > 0 {
				t.Errorf("the choice %s=%s: %v", name, c.Value, faults)
			}
		}
	}
}

// What has few values is chosen from a list, whose first choice is no value.
func TestKinds(t *testing.T) {
	kinds := map[string]string{"last": "select", "from": "time", "to": "time", "action_type": "suggest", "status": "select", "actor_type": "select",
		"source": "select", "order": "select", "limit": "select"}
	for _, name := range slices.Concat(frontFields, moreFields) {
		f := newField(name, url.Values{})
		want := cmp.Or(kinds[name], "text")
		if f.Kind != want || want == "select" && (f.Choices[0].Value != "" || !f.Choices[0].Selected || f.Choices[0].Label == "") {
			t.Errorf("%s: got %+v, want a %s", name, f, want)
		}
	}
}

// A form is filled in with what the address says.
func TestFormIsFilled(t *testing.T) {
	for query, want := range map[string]struct{ name, value string }{
		"actor_id=a%26b":                   {"actor_id", "a&b"},
		"from=2026-11-01":                  {"from", "2026-11-01T00:00:00"},
		"from=2026-11-01T09:30:00%2B01:00": {"from", "2026-11-01T08:30:00"},
		"to=2026-11-01T09:30:00.5Z":        {"to", "2026-11-01T09:30:00.5"},
		"last=24h":                         {"last", "24h"},
		"last=90m":                         {"last", "90m"}, // which is not among the choices
		"action_type=Publish":              {"action_type", "Publish"},
		"status=Failed":                    {"status", "Failed"},
		"order=oldest":                     {"order", "oldest"},
		"data=a%3Db":                       {"data", "a=b"},
		"data=a%3Db&data=c%3Dd":            {"data", "a=b"},
	} {
		f := newForm("./", parsed(t, query), frontFields, moreFields, nil)
		for _, field := range slices.Concat(f.Fields, f.More) {
			if field.Name != want.name {
				continue
			}
			if field.Value != want.value {
				t.Errorf("%s: got %q, want %q", query, field.Value, want.value)
			}
			chosen := slices.IndexFunc(field.Choices, func(c choiceView) bool { return c.Selected })
			if field.Kind == "select" && (chosen < 0 || field.Choices[chosen].Value != want.value) {
				t.Errorf("%s: nothing, or something else, is selected: %v", query, field.Choices)
			}
		}
	}
}

// What a form does not show is not lost when it is sent.
func TestFormKeeps(t *testing.T) {
	f := newForm("object", parsed(t, "object_type=a&object_id=b&parts=true&data=a%3Db&data=c%3Dd&cursor=x"), timeFields, nil, []string{"object_type", "object_id", "parts"})
	var got []string
	for _, field := range f.Kept {
		got = append(got, field.Name+"="+field.Value)
	}
	if want := "object_type=a object_id=b parts=true data=c=d"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for query, open := range map[string]bool{"": false, "actor_id=1": false, "limit=20&order=oldest": false, "trace_id=x": true, "data=a%3Db": true} {
		if got := newForm("./", parsed(t, query), frontFields, moreFields, nil).Open; got != open {
			t.Errorf("%s: more filters are shown: %v, want %v", query, got, open)
		}
	}
}

func TestChips(t *testing.T) {
	var got []string
	for _, c := range chips(parsed(t, "actor_id=42&status=Failed&data=a%3D1&data=b%3D2&cursor=x&limit=20&from=2026-11-01"), "actor_id") {
		got = append(got, c.Label+": "+c.Value+" "+c.Without)
	}
	want := []string{
		"From: 2026-11-01 ?actor_id=42&data=a%3D1&data=b%3D2&limit=20&status=Failed",
		"Result: Failed ?actor_id=42&data=a%3D1&data=b%3D2&from=2026-11-01&limit=20",
		"Data: a=1 ?actor_id=42&data=b%3D2&from=2026-11-01&limit=20&status=Failed",
		"Data: b=2 ?actor_id=42&data=a%3D1&from=2026-11-01&limit=20&status=Failed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTidy(t *testing.T) {
	for query, want := range map[string]string{
		"":                            "",
		"actor_id=&status=Failed":     "status=Failed",
		"actor_id=1":                  "actor_id=1",
		"last=1h&from=&to=":           "last=1h",
		"last=1h&from=2026-11-01&to=": "from=2026-11-01",
		"data=&data=a%3D1":            "data=a%3D1",
		"actor_id=1&actor_id=2":       "actor_id=1&actor_id=2", // which is an error, and stays one
	} {
		got, changed := tidy(parsed(t, query))
		if got.Encode() != want || changed != (query != want) {
			t.Errorf("%s: got %s, %v, want %s", query, got.Encode(), changed, want)
		}
	}
}

// The addresses of other pages keep the filters, and take the cursor's place.
func TestRowsView(t *testing.T) {
	a := &asked{values: parsed(t, "actor_id=1&cursor=x"), request: request{paging: reader.Paging{Order: reader.OldestFirst}}}
	v := a.rows([]reader.Row{{ActionTime: noon}, {ActionTime: noon.AddDate(0, 0, 1)}}, "n", "p", false)
	if v.Older != "?actor_id=1&cursor=p" || v.Newer != "?actor_id=1&cursor=n" || v.First != "?actor_id=1" || len(v.Days) != 2 || v.Rows != "2 activities" {
		t.Errorf("the oldest first: got %+v", v)
	}
	if v.Between != "26 Nov 2026 12:00:00 – 27 Nov 2026 12:00:00" {
		t.Errorf("got %q", v.Between)
	}
	a.paging.Order = reader.NewestFirst
	if v := a.rows(nil, "", "p", false); v.Older != "" || v.Newer != "?actor_id=1&cursor=p" || v.Between != "" || v.Days != nil {
		t.Errorf("the newest first: got %+v", v)
	}
	if got := a.values.Encode(); got != "actor_id=1&cursor=x" {
		t.Errorf("the parameters were changed: %s", got)
	}
}

// A link to the list has the filters of the page that it is on, and the time that it counts.
func TestFiltered(t *testing.T) {
	a := &asked{base: "./", values: parsed(t, "actor_id=42&interval=day&cursor=x&limit=20&order=oldest"), request: request{now: noon}}
	a.span(weekBack)
	if got := a.filtered("status", "Failed"); got != "./?actor_id=42&last=7d&status=Failed" {
		t.Errorf("got %s", got)
	}
	if got := a.filtered("actor_id", "a\x00b"); got != "" {
		t.Errorf("a value that cannot be asked for: got %s", got)
	}
	a.query.ActionType = "Login Failed"
	if got := a.filtered("client_address", "::1"); got != "./?action_type=Login+Failed&actor_id=42&client_address=%3A%3A1&last=7d" {
		t.Errorf("failed logins: got %s", got)
	}
}
