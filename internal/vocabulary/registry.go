// Package vocabulary reads the registry of attributes in semconv/, and makes a page of it.
// The registry has the form of OpenTelemetry's semantic conventions, for their tool weaver.
// That tool does not run here, so this package checks the form itself: a key that it does not
// know is an error.
package vocabulary

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Registry is a folder with the attributes of a project and their use.
type Registry struct {
	Manifest Manifest
	Groups   []Group
}

// Manifest says what a registry is called, and which others it refers to.
type Manifest struct {
	Name         string       `yaml:"name"`
	Description  string       `yaml:"description"`
	SchemaURL    string       `yaml:"schema_url"` // ends with the version
	Stability    string       `yaml:"stability"`
	Dependencies []Dependency `yaml:"dependencies"`
}

// Dependency is another registry.
type Dependency struct {
	SchemaURL string `yaml:"schema_url"`
	Path      string `yaml:"registry_path"`
}

// Group is a list of attributes: of a namespace, of a kind of span, or of an event.
type Group struct {
	ID          string      `yaml:"id"`
	Type        string      `yaml:"type"` // attribute_group, event or span
	DisplayName string      `yaml:"display_name"`
	Brief       string      `yaml:"brief"`
	Note        string      `yaml:"note"`
	Stability   string      `yaml:"stability"`
	Extends     string      `yaml:"extends"`   // the id of a group, whose attributes it has too
	SpanKind    string      `yaml:"span_kind"` // of a span
	Name        string      `yaml:"name"`      // of an event
	Body        *Body       `yaml:"body"`      // of an event
	Attributes  []Attribute `yaml:"attributes"`
}

// Body is the body of an event.
type Body struct {
	ID        string `yaml:"id"`
	Type      string `yaml:"type"`
	Stability string `yaml:"stability"`
	Level     Level  `yaml:"requirement_level"`
	Brief     string `yaml:"brief"`
	Examples  []any  `yaml:"examples"`
}

// Attribute defines an attribute, or refers to one that is defined elsewhere.
type Attribute struct {
	ID          string      `yaml:"id"`
	Ref         string      `yaml:"ref"`
	Type        Type        `yaml:"type"`
	Stability   string      `yaml:"stability"`
	Level       Level       `yaml:"requirement_level"`
	Brief       string      `yaml:"brief"`
	Note        string      `yaml:"note"`
	Examples    []any       `yaml:"examples"`
	Annotations Annotations `yaml:"annotations"`
}

// Key is the attribute's name.
func (a *Attribute) Key() string { return a.ID + a.Ref }

// Annotations are ours.
type Annotations struct {
	Activitylog Place `yaml:"activitylog"`
}

// Place is where the value of an attribute is in a row: a column, or a member of the column
// data, or neither.
type Place struct {
	Column string `yaml:"column"`
	Data   string `yaml:"data"`
}

// Type is the type of an attribute: a word such as "string[]", or members.
type Type struct {
	Name    string
	Members []Member
}

// Member is a value of an attribute whose values are known. Others are allowed.
type Member struct {
	ID        string `yaml:"id"`
	Value     string `yaml:"value"`
	Stability string `yaml:"stability"`
	Brief     string `yaml:"brief"`
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (t *Type) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		t.Name = node.Value
		return nil
	}
	var members struct {
		Members []Member `yaml:"members"`
	}
	err := strict(node, &members)
	t.Members = members.Members
	return err
}

// Level says who must have an attribute: a word such as "recommended", and when.
type Level struct{ Word, When string }

// UnmarshalYAML implements [yaml.Unmarshaler].
func (l *Level) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		l.Word = node.Value
		return nil
	}
	var words map[string]string
	if err := strict(node, &words); err != nil {
		return err
	}
	if len(words) != 1 {
		return fmt.Errorf("line %d: requirement_level must have one word; got %d", node.Line, len(words))
	}
	for l.Word, l.When = range words {
		if l.When == "" {
			return fmt.Errorf("line %d: %s must say when", node.Line, l.Word)
		}
	}
	return nil
}

// strict decodes a node, which for itself forgets that unknown keys are errors.
func strict(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	if err := decode(bytes.NewReader(text), into); err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	return nil
}

func decode(r io.Reader, into any) error {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("there must be one document: %w", err)
	}
	return nil
}

// Read reads and checks the registry in a folder.
func Read(folder string) (*Registry, error) {
	manifest, err := os.ReadFile(filepath.Join(folder, "manifest.yaml")) //nolint:gosec // the caller's
	if err != nil {
		return nil, err
	}
	groups, err := os.ReadFile(filepath.Join(folder, "activity.yaml")) //nolint:gosec // the caller's
	if err != nil {
		return nil, err
	}
	return Parse(manifest, groups)
}

// Parse reads and checks a manifest and a file of groups.
func Parse(manifest, groups []byte) (*Registry, error) {
	var r Registry
	if err := decode(bytes.NewReader(manifest), &r.Manifest); err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	var file struct {
		Groups []Group `yaml:"groups"`
	}
	if err := decode(bytes.NewReader(groups), &file); err != nil {
		return nil, fmt.Errorf("read the groups: %w", err)
	}
	r.Groups = file.Groups
	return &r, r.check()
}

// Group returns a group by its id, or nil.
func (r *Registry) Group(id string) *Group {
	for i := range r.Groups {
		if r.Groups[i].ID == id {
			return &r.Groups[i]
		}
	}
	return nil
}

// Defined returns all attributes that the registry defines, by their names.
func (r *Registry) Defined() map[string]*Attribute {
	defined := map[string]*Attribute{}
	for g := range r.Groups {
		for i := range r.Groups[g].Attributes {
			if a := &r.Groups[g].Attributes[i]; a.ID != "" {
				defined[a.ID] = a
			}
		}
	}
	return defined
}
