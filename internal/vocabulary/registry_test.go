package vocabulary_test

import (
	"os"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/vocabulary"
)

const folder = "../../semconv"

func read(t *testing.T) *vocabulary.Registry {
	t.Helper()
	registry, err := vocabulary.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestForm makes one mistake after the other in the registry, each of which is found.
func TestForm(t *testing.T) {
	manifest, groups := contents(t, folder+"/manifest.yaml"), contents(t, folder+"/activity.yaml")
	for name, c := range map[string]struct{ old, new, want string }{
		"an unknown key of a group":      {"    display_name: Notes", "    title: Notes", "field title not found"},
		"an unknown key of an attribute": {"        brief: Which one it was.", "        description: x", "field description not found"},
		"an unknown key of a member":     {"brief: A person.", "note: x", "field note not found"},
		"an unknown key of members":      {"          members:\n            - {id: user,", "          allow_custom_values: true\n          members:\n            - {id: user,", "allow_custom_values not found"},
		"an unknown key of a level":      {"{conditionally_required: If it is Failed.}", "{conditionally_required: If it is Failed., note: x}", "must have one word"},
		"an unknown annotation":          {"{column: object_id}", "{table: object_id}", "field table not found"},
		"an unknown key of the body":     {"      id: activity.recorded.remarks", "      id: x\n      name: x", "field name not found"},
		"a key twice":                    {"        brief: Which one it was.", "        brief: a\n        brief: b", "already defined"},
		"two documents":                  {"groups:", "groups: []\n---\ngroups:", "one document"},
		"an attribute twice":             {"id: activity.object.id", "id: activity.object.type", "defined twice"},
		"a group twice":                  {"id: span.activity.internal", "id: span.activity.server", "another one with this id"},
		"a wrong type":                   {"id: activity.object.id\n        type: string", "id: activity.object.id\n        type: text", "type must be one of"},
		"no type":                        {"id: activity.object.id\n        type: string\n", "id: activity.object.id\n", "type must be one of"},
		"a wrong stability":              {"id: activity.object.id\n        type: string\n        stability: development", "id: activity.object.id\n        type: string\n        stability: experimental", "stability must be one of"},
		"no brief":                       {"        brief: Which one it was.\n", "", "brief is missing"},
		"no examples":                    {`        examples: ["17", "hello-world"]` + "\n", "", "examples are missing"},
		"an example of another type":     {`["17", "hello-world"]`, `[17]`, "not of type string"},
		"a list that is one text":        {`[["object_id"]]`, `["object_id"]`, "not of type string[]"},
		"a wrong level":                  {"{ref: activity.action.type, requirement_level: required}", "{ref: activity.action.type, requirement_level: must}", "requirement_level must be one of"},
		"a condition that is missing":    {"{ref: activity.object.type, requirement_level: recommended}", "{ref: activity.object.type, requirement_level: conditionally_required}", "says when"},
		"a condition of no use":          {"{conditionally_required: If it is Failed.}", "{required: If it is Failed.}", "says when"},
		"an empty condition":             {"{conditionally_required: If it is Failed.}", "{conditionally_required: ''}", "must say when"},
		"a ref with a type":              {"- {ref: user.id,", "- {ref: user.id, type: string,", "has type and stability there"},
		"a ref to nothing":               {"{ref: activity.object.id, requirement_level: recommended}", "{ref: activity.object.key, requirement_level: recommended}", "nothing defines it"},
		"a ref that is extended":         {"- ref: log.record.uid", "- ref: activity.id", "twice"},
		"a name in capitals":             {"id: activity.object.id", "id: activity.objectID", "in lower case"},
		"neither id nor ref":             {"- {ref: user.id,", "- {", "an id or a ref"},
		"a definition outside":           {"- {ref: user.id,", "- {id: user.id, type: int, stability: stable, brief: x,", "begins with registry."},
		"a wrong kind of span":           {"span_kind: internal", "span_kind: local", "span_kind must be one of"},
		"an event without a name":        {"    name: activity.recorded\n", "", "an event has a name"},
		"a group without attributes":     {"    extends: activity.carried\n    attributes:\n      - {ref: activity.remarks, requirement_level: opt_in}\n\n  - id: activity.resource", "\n  - id: activity.resource", "no attributes"},
		"a group that extends nothing":   {"    extends: activity.carried\n    body", "    extends: activity.core\n    body", "to extend"},
		"a member twice":                 {"{id: read, value: Read,", "{id: create, value: Read,", "is there twice"},
		"a member without a value":       {"{id: read, value: Read,", "{id: read,", "value of member read is missing"},
		"two places":                     {"{column: object_id}", "{column: object_id, data: object_id}", "not in both"},
		"a manifest without a version":   {"activitylog/semconv/", "activitylog/semconv?", "ends with a version"},
		"an unknown key of the manifest": {"stability: development\ndependencies", "status: development\ndependencies", "field status not found"},
		"a dependency without a URL":     {"  - schema_url: https://opentelemetry.io/schemas/1.40.0\n    registry_path", "  - registry_path", "ends with a version"},
	} {
		t.Run(name, func(t *testing.T) {
			text := manifest + "\x00" + groups
			changed := strings.Replace(text, c.old, c.new, 1)
			if changed == text {
				t.Fatalf("the registry does not have %q", c.old)
			}
			m, g, _ := strings.Cut(changed, "\x00")
			if _, err := vocabulary.Parse([]byte(m), []byte(g)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := vocabulary.Parse([]byte(manifest), []byte("groups: []")); err == nil || !strings.Contains(err.Error(), "no groups") {
		t.Errorf("no groups: got %v", err)
	}
	for _, folder := range []string{t.TempDir(), "testdata"} {
		if _, err := vocabulary.Read(folder); !os.IsNotExist(err) {
			t.Errorf("got %v", err)
		}
	}
}

// TestPage compares the page with the registry.
func TestPage(t *testing.T) {
	page := read(t).Page()
	if got := contents(t, "../../docs/reference/attributes.md"); got != page {
		t.Error("docs/reference/attributes.md is not what the registry makes: run make generate")
	}
	for _, group := range read(t).Groups {
		for _, a := range group.Attributes {
			if !strings.Contains(page, "| `"+a.Key()+"` |") {
				t.Errorf("the page does not have %s", a.Key())
			}
		}
	}
}
