package vocabulary

import (
	"encoding/json"
	"fmt"
	"strings"
)

// header begins the page.
const header = `# Attributes

<!-- Made from semconv/activity.yaml by make generate. -->

What spans, log records and resources say of an activity, and what the collector reads of others. It is made from
[semconv/activity.yaml](../../semconv/activity.yaml), a registry in the form of OpenTelemetry's
[weaver](https://github.com/open-telemetry/weaver). **weaver itself was not run**, because it does not run here: tests
check the form ([internal/vocabulary](../../internal/vocabulary/registry.go)). The
[columns](../columns.md) of a row have a page of their own.

The registry belongs to version %s, and refers to OpenTelemetry's of %s. All attributes are in development; what
may change is in [compatibility](compatibility.md#attributes).
`

// Page returns the page docs/reference/attributes.md.
func (r *Registry) Page() string {
	p := &page{registry: r, defined: r.Defined()}
	p.add(header, version(r.Manifest.SchemaURL), version(r.Manifest.Dependencies[0].SchemaURL))
	for i := range r.Groups {
		p.group(&r.Groups[i])
	}
	return p.out.String()
}

// version is the end of a schema's URL.
func version(url string) string { return url[strings.LastIndex(url, "/")+1:] }

// page is a page that is being written.
type page struct {
	out      strings.Builder
	registry *Registry
	defined  map[string]*Attribute
}

func (p *page) add(format string, args ...any) { _, _ = fmt.Fprintf(&p.out, format, args...) }

func (p *page) group(g *Group) {
	title := g.DisplayName
	switch g.Type {
	case "event":
		title = "The log record " + g.Name
	case "span":
		title = "Spans of kind " + strings.ToUpper(g.SpanKind)
	}
	p.add("\n## %s\n\n%s\n", title, wrap(g.Brief+" "+g.Note))
	if g.Extends != "" {
		p.add("\n%s\n", wrap(fmt.Sprintf("It has the [attributes of spans and log records](#%s), and these:", anchor(p.registry.Group(g.Extends).DisplayName))))
	}
	switch {
	case strings.HasPrefix(g.ID, "registry."):
		p.definitions(g)
	case g.Attributes[0].Level != (Level{}):
		p.uses(g)
	default:
		p.reads(g)
	}
}

// anchor is the part of a link that leads to a heading.
func anchor(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), " ", "-") }

func (p *page) definitions(g *Group) {
	p.out.WriteString("\n| attribute | type | meaning | examples | in a row |\n|---|---|---|---|---|\n")
	for i := range g.Attributes {
		a := &g.Attributes[i]
		p.row("`"+a.ID+"`", a.typeText(), a.Brief, a.exampleText(), a.Annotations.Activitylog.text())
	}
	p.notes(g)
}

func (p *page) uses(g *Group) {
	p.out.WriteString("\n| attribute | meaning | a sender sets it | in a row |\n|---|---|---|---|\n")
	if b := g.Body; b != nil {
		p.row("the body", b.Brief, b.Level.text(), Place{Column: "remarks"}.text())
	}
	for i := range g.Attributes {
		a := g.Attributes[i]
		if own := p.defined[a.Ref]; own != nil {
			a.Brief, a.Annotations = own.Brief, own.Annotations
		}
		if a.Brief == "" {
			a.Brief, a.Note = a.Note, ""
		}
		p.row("`"+a.Ref+"`", a.Brief, a.Level.text(), a.Annotations.Activitylog.text())
	}
	p.notes(g)
}

func (p *page) reads(g *Group) {
	p.out.WriteString("\n| attribute | what it is read for |\n|---|---|\n")
	for i := range g.Attributes {
		a := &g.Attributes[i]
		p.row("`"+a.Ref+"`", a.Note)
	}
}

// notes writes what does not fit a cell.
func (p *page) notes(g *Group) {
	begun := false
	for i := range g.Attributes {
		a := &g.Attributes[i]
		if a.Note == "" || a.Brief == "" && a.Ref != "" && p.defined[a.Ref] == nil {
			continue
		}
		if !begun {
			p.out.WriteByte('\n')
		}
		begun = true
		item := wrap("- `" + a.Key() + "`: " + a.Note)
		p.out.WriteString(strings.ReplaceAll(item, "\n", "\n  ") + "\n")
	}
}

func (p *page) row(cells ...string) {
	for _, cell := range cells {
		p.out.WriteString("| " + strings.ReplaceAll(strings.TrimSuffix(cell, "."), "|", "\\|") + " ")
	}
	p.out.WriteString("|\n")
}

func (a *Attribute) typeText() string {
	if a.Type.Members == nil {
		return a.Type.Name
	}
	var values []string
	for _, m := range a.Type.Members {
		values = append(values, "`"+m.Value+"`")
	}
	return "string: " + strings.Join(values, ", ")
}

func (a *Attribute) exampleText() string {
	var texts []string
	for _, example := range a.Examples {
		text, ok := example.(string)
		if !ok {
			text = string(jsonOf(example))
		}
		texts = append(texts, "`"+text+"`")
	}
	return strings.Join(texts, ", ")
}

func jsonOf(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // an example is a number, a boolean or a list
	}
	return text
}

func (l Level) text() string {
	switch {
	case l.Word == "required":
		return "must"
	case l.Word == "conditionally_required":
		return "must " + strings.ToLower(l.When[:1]) + l.When[1:]
	case l.Word == "opt_in":
		return "may"
	case l.When != "":
		return "should. " + l.When
	}
	return "should"
}

func (p Place) text() string {
	switch {
	case p.Column != "":
		return "`" + p.Column + "`"
	case p.Data != "":
		return "`" + p.Data + "` in `data`"
	}
	return ""
}

// width is how long lines of prose may be. Those of a list are indented.
const width = 118

// wrap breaks a text into lines.
func wrap(text string) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}
