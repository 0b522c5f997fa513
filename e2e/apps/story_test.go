//go:build apps

package apps_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/visitor"
)

// outcome is what became of an act.
type outcome int

const (
	done    outcome = iota // it succeeded and changed something: one row, with the actor
	unnamed                // so did it, and the application tells nobody who did it
	read                   // it succeeded and changed nothing
	refused                // it did not succeed: no row says that it did
)

// act is something that a person does, by one request.
type act struct {
	what    string // "alice publishes wonder": what is true, for whom reads the golden file
	is      string // what its row may say: "Create user 3|Login session"; it may say less, without the id
	who     string // whose cookies and headers
	actor   string // the id that the row of the act must have; "" is nobody
	method  string
	path    string // {name} is a value that an earlier answer had
	body    any
	raw     string // a body that is no JSON, but is sent as JSON is
	header  []string
	status  int
	outcome outcome
	save    map[string]string // name → where in the JSON of the answer ("user.id", "0.name"), or a header of it ("Location:")
	as      map[string]string // header → its value from now on, for who
}

// person is who sends requests: cookies, and headers such as a token.
type person struct {
	*visitor.Visitor
	header map[string]string
}

// told is what was done, with what it takes to find the rows.
type told struct {
	act
	sent    string // path as it was sent
	traceID string
}

// story makes the requests of acts.
type story struct {
	base    string
	people  map[string]*person
	values  map[string]string // by name
	secrets []string
}

// tell does all acts, one after the other.
func (s *story) tell(t *testing.T, acts []act) []told {
	t.Helper()
	s.people, s.values = map[string]*person{}, map[string]string{}
	all := make([]told, 0, len(acts))
	for _, a := range acts {
		all = append(all, s.do(t, a))
	}
	return all
}

func (s *story) do(t *testing.T, a act) told {
	t.Helper()
	who := s.people[a.who]
	if who == nil {
		who = &person{visitor.New(s.base, "apps/"+a.who), map[string]string{"Accept": "application/json"}}
		s.people[a.who] = who
	}
	path := s.fill(a.path)
	res, err := who.Do(t.Context(), a.method, path, s.content(t, a), s.headers(who, a)...)
	if err != nil {
		t.Fatalf("%s: %v", a.what, err)
	}
	if res.Status != a.status {
		t.Errorf("%s: %s %s answered %d, want %d: %.500s", a.what, a.method, path, res.Status, a.status, res.Body)
	}
	for name, at := range a.save {
		if header, ok := strings.CutSuffix(at, ":"); ok {
			s.values[name] = strings.TrimPrefix(res.Header.Get(header), s.base)
			continue
		}
		s.values[name] = valueAt(t, res.Body, at)
	}
	for name, value := range a.as {
		who.header[name] = s.fill(value)
		s.secrets = append(s.secrets, strings.TrimPrefix(who.header[name], "Bearer "))
	}
	a.actor = s.fill(a.actor)
	return told{a, path, res.TraceID}
}

// content is the body of an act with the values of earlier answers.
func (s *story) content(t *testing.T, a act) any {
	t.Helper()
	if a.raw != "" {
		return json.RawMessage(a.raw)
	}
	if a.body == nil {
		return nil
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(s.fill(string(text)))
}

func (s *story) headers(who *person, a act) []string {
	var pairs []string
	for name, value := range who.header {
		pairs = append(pairs, name, value)
	}
	for i := 0; i+1 < len(a.header); i += 2 {
		pairs = append(pairs, a.header[i], s.fill(a.header[i+1]))
	}
	return pairs
}

// fill puts values in the place of {name}.
func (s *story) fill(text string) string {
	for name, value := range s.values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// hide puts {name} in the place of values, so that golden files stay the same.
func (s *story) hide(text string) string {
	longestFirst := slices.SortedFunc(maps.Keys(s.values), func(a, b string) int {
		return cmp.Or(len(s.values[b])-len(s.values[a]), strings.Compare(a, b))
	})
	for _, name := range longestFirst {
		value := s.values[name]
		if len(value) < 6 { // such as 1 or true, which are the same each time
			continue
		}
		text = strings.ReplaceAll(text, value, "{"+name+"}")
		text = strings.ReplaceAll(text, url.PathEscape(value), "{"+name+"}")
	}
	return text
}

// valueAt returns what is at a path such as "user.id" in JSON.
func valueAt(t *testing.T, text, path string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%q in %.300s: %v", path, text, err)
	}
	for key := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(in) {
				t.Fatalf("no %q in %.300s", path, text)
			}
			value = in[i]
		}
	}
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return fmt.Sprintf("%.0f", value)
	default:
		t.Fatalf("no %q in %.300s", path, text)
		return ""
	}
}
