package web

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

// description is the part of OpenAPI that openapi.json uses.
type description struct {
	Paths map[string]struct {
		Get struct {
			Parameters []described `json:"parameters"`
			Responses  map[string]any
		} `json:"get"`
	} `json:"paths"`
	Components struct {
		Parameters map[string]described `json:"parameters"`
		Responses  map[string]any       `json:"responses"`
		Schemas    map[string]struct {
			Required   []string       `json:"required"`
			Properties map[string]any `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

type described struct {
	Ref      string `json:"$ref"`
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
	Schema   struct {
		Type     string   `json:"type"`
		Enum     []string `json:"enum"`
		Minimum  int      `json:"minimum"`
		Maximum  int      `json:"maximum"`
		MaxItems int      `json:"maxItems"`
		Items    struct {
			Enum []string `json:"enum"`
		} `json:"items"`
	} `json:"schema"`
}

func describe(t *testing.T) (d description) {
	t.Helper()
	if err := json.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// query returns the parameters of the query that a path has, by name.
func (d description) query(t *testing.T, path string) map[string]described {
	t.Helper()
	found := map[string]described{}
	for _, p := range d.Paths[path].Get.Parameters {
		if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
			if p, ok = d.Components.Parameters[name]; !ok {
				t.Errorf("%s: there is no parameter %s", path, name)
			}
		}
		if p.In == "query" {
			found[p.Name] = p
		}
	}
	return found
}

// What is described is what the handler knows: paths, and their parameters.
func TestPathsAndParameters(t *testing.T) {
	d := describe(t)
	paths := map[string][]parameter{"/activities/{id}": nil, "/openapi.json": nil}
	for name, e := range endpoints {
		paths["/"+name] = e.parameters
	}
	if got, want := slices.Sorted(maps.Keys(d.Paths)), slices.Sorted(maps.Keys(paths)); !slices.Equal(got, want) {
		t.Errorf("paths: got %v, want %v", got, want)
	}
	for path, parameters := range paths {
		known := map[string]parameter{}
		for _, p := range parameters {
			if _, twice := known[p.name]; twice {
				t.Errorf("%s: %s is there twice", path, p.name)
			}
			known[p.name] = p
		}
		found := d.query(t, path)
		if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
			t.Errorf("parameters of %s: got %v, want %v", path, got, want)
		}
		for name, p := range found {
			checkDescribed(t, path, p, known[name])
		}
	}
}

// checkDescribed compares what a parameter takes with what its description says.
func checkDescribed(t *testing.T, path string, p described, known parameter) {
	t.Helper()
	takes := func(value string) bool {
		_, faults := parse(&url.URL{RawQuery: url.Values{known.name: {value}}.Encode()}, time.Now(), []parameter{known})
		return len(faults) == 0
	}
	if p.Schema.MaxItems != known.most {
		t.Errorf("%s: %s may be there %d times, described as %d", path, p.Name, known.most, p.Schema.MaxItems)
	}
	values := append(p.Schema.Enum, p.Schema.Items.Enum...)
	for _, value := range values {
		if !takes(value) {
			t.Errorf("%s: %s does not take %q", path, p.Name, value)
		}
	}
	if len(values) > 0 && takes("x") {
		t.Errorf("%s: %s takes x, which is not described", path, p.Name)
	}
	if p.Schema.Type == "integer" {
		for text, want := range map[string]bool{itoa(p.Schema.Minimum): true, itoa(p.Schema.Maximum): true, itoa(p.Schema.Minimum - 1): false, itoa(p.Schema.Maximum + 1): false} {
			if takes(text) != want {
				t.Errorf("%s: %s=%s: got %v, want %v", path, p.Name, text, !want, want)
			}
		}
	}
	if got, want := p.Required, path == "/history" && strings.HasPrefix(p.Name, "object_"); got != want {
		t.Errorf("%s: required of %s: got %v, want %v", path, p.Name, got, want)
	}
}

func itoa(n int) string { text, _ := json.Marshal(n); return string(text) }

// The fields of answers are those that are described, and those that are always there are
// required.
func TestFields(t *testing.T) {
	d := describe(t)
	types := map[string]any{"activity": reader.Row{}, "act": reader.Act{}, "change": reader.Change{}, "activities": activities{}, "history": history{},
		"counts": counts{}, "group": reader.Group{}, "problem": problem{}, "fault": fault{}}
	if got, want := slices.Sorted(maps.Keys(d.Components.Schemas)), slices.Sorted(maps.Keys(types)); !slices.Equal(got, want) {
		t.Errorf("schemas: got %v, want %v", got, want)
	}
	for name, value := range types {
		all, always := fields(reflect.TypeOf(value))
		slices.Sort(all)
		slices.Sort(always)
		schema := d.Components.Schemas[name]
		if got := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(got, all) {
			t.Errorf("properties of %s: got %v, want %v", name, got, all)
		}
		if slices.Sort(schema.Required); !slices.Equal(schema.Required, always) {
			t.Errorf("required of %s: got %v, want %v", name, schema.Required, always)
		}
	}
}

// fields returns the names of a type's fields in JSON, and of those that are always there.
func fields(of reflect.Type) (all, always []string) {
	for _, f := range reflect.VisibleFields(of) {
		tag := f.Tag.Get("json")
		if f.Anonymous || tag == "" {
			continue
		}
		name, rest, _ := strings.Cut(tag, ",")
		all = append(all, name)
		if !strings.Contains(rest, "omit") {
			always = append(always, name)
		}
	}
	return all, always
}

// Each path that is referred to is there.
func TestReferences(t *testing.T) {
	var doc any
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		t.Fatal(err)
	}
	checked := 0
	var walk func(any)
	walk = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			if ref, ok := n["$ref"].(string); ok {
				at := doc
				for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					object, _ := at.(map[string]any)
					at = object[name]
				}
				if at == nil {
					t.Errorf("%s is not there", ref)
				}
				checked++
			}
			for _, value := range n {
				walk(value)
			}
		case []any:
			for _, value := range n {
				walk(value)
			}
		}
	}
	walk(doc)
	if checked < 100 {
		t.Errorf("checked %d references, want more", checked)
	}
}

// A row in CSV has the columns of the table, in their order.
func TestRecord(t *testing.T) {
	var r reader.Row
	value := reflect.ValueOf(&r).Elem()
	for i := range value.NumField() {
		if f := value.Field(i); f.Kind() == reflect.String {
			f.SetString(strings.Split(value.Type().Field(i).Tag.Get("json"), ",")[0])
		}
	}
	got := record(&r)
	if len(got) != len(columnNames) {
		t.Fatalf("got %d values, want %d", len(got), len(columnNames))
	}
	for i, name := range columnNames {
		if kind := map[string]bool{"event_id": true, "action_time": true, "data": true, "recorded_at": true}[name]; !kind && got[i] != name {
			t.Errorf("column %s has the value of %s", name, got[i])
		}
	}
}
