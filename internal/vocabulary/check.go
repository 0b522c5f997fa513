package vocabulary

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The words of OpenTelemetry's form. Source: schemas/semconv-syntax.md of weaver, November 2026.
var (
	stabilities = []string{"stable", "release_candidate", "beta", "alpha", "development"}
	levels      = []string{"required", "conditionally_required", "recommended", "opt_in"}
	kinds       = []string{"client", "server", "producer", "consumer", "internal"}
	groupTypes  = []string{"attribute_group", "event", "span"} // those that we use
	types       = []string{"string", "int", "double", "boolean", "any", "string[]", "int[]", "double[]", "boolean[]", "template[string]", "template[string[]]"}
)

var (
	attributeName = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`)
	schemaURL     = regexp.MustCompile(`^https://[a-z.]+/[a-z/]+/\d+\.\d+\.\d+$`)
)

// checker collects what is wrong.
type checker struct {
	registry *Registry
	where    string
	errs     []error
}

func (c *checker) wrong(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(c.where+": "+format, args...))
}

// word checks that a key has one of its words.
func (c *checker) word(key, got string, want []string) {
	if !slices.Contains(want, got) {
		c.wrong("%s must be one of %s; got %q", key, strings.Join(want, ", "), got)
	}
}

// text checks that a key has a text.
func (c *checker) text(key, got string) {
	if strings.TrimSpace(got) == "" {
		c.wrong("%s is missing", key)
	}
}

// check returns what in the registry does not have the form, or refers to nothing.
func (r *Registry) check() error {
	c := &checker{registry: r, where: "the manifest"}
	c.manifest()
	c.where = "the registry"
	if len(r.Groups) == 0 {
		c.wrong("it has no groups")
	}
	groups, defined := map[string]bool{}, map[string]bool{}
	for i := range r.Groups {
		g := &r.Groups[i]
		c.where = fmt.Sprintf("group %q", g.ID)
		if groups[g.ID] {
			c.wrong("there is another one with this id")
		}
		groups[g.ID] = true
		c.group(g)
		for j := range g.Attributes {
			a := &g.Attributes[j]
			c.where = fmt.Sprintf("attribute %q of group %q", a.Key(), g.ID)
			if a.ID != "" && defined[a.ID] {
				c.wrong("it is defined twice")
			}
			defined[a.ID] = true
			c.attribute(g, a)
		}
	}
	return errors.Join(c.errs...)
}

func (c *checker) manifest() {
	m := &c.registry.Manifest
	c.text("name", m.Name)
	c.text("description", m.Description)
	c.word("stability", m.Stability, stabilities)
	for _, url := range append([]string{m.SchemaURL}, dependencyURLs(m)...) {
		if !schemaURL.MatchString(url) {
			c.wrong("schema_url must be a URL that ends with a version; got %q", url)
		}
	}
}

func dependencyURLs(m *Manifest) (urls []string) {
	for _, d := range m.Dependencies {
		urls = append(urls, d.SchemaURL)
	}
	return urls
}

func (c *checker) group(g *Group) {
	c.text("id", g.ID)
	c.text("brief", g.Brief)
	c.word("type", g.Type, groupTypes)
	if g.Type != "attribute_group" {
		c.word("stability", g.Stability, stabilities)
	}
	if (g.Type == "event") != (g.Name != "") || g.Body != nil && g.Type != "event" {
		c.wrong("an event has a name, and nothing else has a name or a body")
	}
	if g.Type == "span" {
		c.word("span_kind", g.SpanKind, kinds)
	} else if g.SpanKind != "" {
		c.wrong("only a span has a span_kind")
	}
	if len(g.Attributes) == 0 && g.Extends == "" && g.Type != "event" {
		c.wrong("it has no attributes")
	}
	if g.Extends != "" && c.registry.Group(g.Extends) == nil {
		c.wrong("there is no group %q to extend", g.Extends)
	}
	if b := g.Body; b != nil {
		c.text("id of the body", b.ID)
		c.text("brief of the body", b.Brief)
		c.word("stability of the body", b.Stability, stabilities)
		c.word("requirement_level of the body", b.Level.Word, levels)
		c.word("type of the body", b.Type, []string{"string"})
		c.examples(b.Type, b.Examples)
	}
}

func (c *checker) attribute(g *Group, a *Attribute) {
	if !attributeName.MatchString(a.Key()) || (a.ID == "") == (a.Ref == "") {
		c.wrong("it must have an id or a ref, of words in lower case")
	}
	if a.Level != (Level{}) {
		c.word("requirement_level", a.Level.Word, levels)
	}
	if (a.Level.Word == "conditionally_required") != (a.Level.When != "") && a.Level.Word != "recommended" {
		c.wrong("requirement_level conditionally_required says when, and required and opt_in do not")
	}
	if a.Ref != "" {
		c.ref(g, a)
		return
	}
	if !strings.HasPrefix(g.ID, "registry.") {
		c.wrong("a group that defines attributes has an id that begins with registry.")
	}
	c.text("brief", a.Brief)
	c.word("stability", a.Stability, stabilities)
	if place := a.Annotations.Activitylog; place.Column != "" && place.Data != "" {
		c.wrong("its value is in a column or in data, not in both")
	}
	if a.Type.Members != nil {
		c.members(a)
		return
	}
	c.word("type", a.Type.Name, types)
	c.examples(a.Type.Name, a.Examples)
}

func (c *checker) ref(g *Group, a *Attribute) {
	if a.Type.Name != "" || a.Type.Members != nil || a.Stability != "" {
		c.wrong("what is defined elsewhere has type and stability there")
	}
	if strings.HasPrefix(a.Ref, "activity.") && c.registry.Defined()[a.Ref] == nil {
		c.wrong("nothing defines it")
	}
	times := 0
	for from := g; from != nil; from = c.registry.Group(from.Extends) {
		for i := range from.Attributes {
			if from.Attributes[i].Ref == a.Ref {
				times++
			}
		}
	}
	if times > 1 {
		c.wrong("the group has it twice")
	}
}

func (c *checker) members(a *Attribute) {
	seen := map[string]bool{}
	for _, m := range a.Type.Members {
		c.text("id of a member", m.ID)
		c.text("value of member "+m.ID, m.Value)
		c.word("stability of member "+m.ID, m.Stability, stabilities)
		if seen["id "+m.ID] || seen["value "+m.Value] {
			c.wrong("member %s is there twice", m.ID)
		}
		seen["id "+m.ID], seen["value "+m.Value] = true, true
	}
}

// examples checks that texts have examples, and that each has the type.
func (c *checker) examples(kind string, examples []any) {
	if of, ok := strings.CutPrefix(kind, "template["); ok {
		kind = strings.TrimSuffix(of, "]")
	}
	if strings.HasPrefix(kind, "string") && len(examples) == 0 {
		c.wrong("examples are missing")
	}
	for _, example := range examples {
		if !fits(kind, example) {
			c.wrong("the example %v is not of type %s", example, kind)
		}
	}
}

func fits(kind string, value any) bool {
	if element, ok := strings.CutSuffix(kind, "[]"); ok {
		list, ok := value.([]any)
		return ok && !slices.ContainsFunc(list, func(v any) bool { return !fits(element, v) })
	}
	switch value.(type) {
	case string:
		return kind == "string" || kind == "any"
	case int:
		return kind == "int" || kind == "double"
	case float64:
		return kind == "double"
	case bool:
		return kind == "boolean"
	}
	return false
}
