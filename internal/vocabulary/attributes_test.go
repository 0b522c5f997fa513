package vocabulary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/vocabulary"
)

// constant is a constant of activity/attributes.go with its comment.
type constant struct{ name, value, comment string }

// constants returns the constants of a declaration of activity/attributes.go, of which there
// are four: the attributes of an activity, what a collector sets, those of OpenTelemetry, and
// the members of data.
func constants(t *testing.T, declaration int) (all []constant) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../activity/attributes.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Lparen == token.NoPos {
			continue
		}
		if declaration--; declaration >= 0 {
			continue
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.ValueSpec)
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, constant{spec.Names[0].Name, value, strings.Join(strings.Fields(spec.Doc.Text()), " ")})
		}
		return all
	}
	t.Fatal("the declaration is gone")
	return nil
}

// used returns the attribute as the registry has it: ours is defined there, and another one
// is referred to by the group of what activities carry or of the resource.
func used(r *vocabulary.Registry, key string) *vocabulary.Attribute {
	if a := r.Defined()[key]; a != nil {
		return a
	}
	for _, id := range []string{"activity.carried", "event.activity.recorded", "activity.resource"} {
		for i, a := range r.Group(id).Attributes {
			if a.Ref == key {
				return &r.Group(id).Attributes[i]
			}
		}
	}
	return nil
}

// goTypes are the words of the comments in Go for the types of the registry.
var goTypes = map[string]string{"string": "string", "int": "int", "bool": "boolean", "list of strings": "string[]", "map": "any"}

var (
	typeWord   = regexp.MustCompile(`^\w+Key: (string|int|bool|list of strings|map)\b`)
	column     = regexp.MustCompile(`Column (\w+)\.|Column (event_id);`)
	goExample  = regexp.MustCompile(`(?:, | or )"([^"]+)"|, (\[".+"\])\.`)
	dataMember = regexp.MustCompile(`In data it is \[(\w+)\]`)
)

// TestAttributes compares the registry with activity/attributes.go, in both directions: names,
// types, where a value is in a row, and the first example of the comment.
func TestAttributes(t *testing.T) {
	registry := read(t)
	inGo := map[string]constant{}
	for declaration := range 3 {
		for _, c := range constants(t, declaration) {
			inGo[c.value] = c
		}
	}
	if len(inGo) < 32 {
		t.Fatalf("got only %d constants", len(inGo))
	}
	for key, c := range inGo {
		a := used(registry, key)
		if a == nil {
			t.Errorf("semconv/activity.yaml does not have %s, %s", key, c.name)
			continue
		}
		for _, fault := range differences(c, a) {
			t.Errorf("%s: %s", key, fault)
		}
	}
	for key := range registry.Defined() {
		if _, ok := inGo[key]; !ok && strings.HasPrefix(key, "activity.") && key != "activity.repaired" {
			t.Errorf("activity/attributes.go does not have %s", key)
		}
	}
}

// differences compares a constant with an attribute.
func differences(c constant, a *vocabulary.Attribute) (faults []string) {
	word := typeWord.FindStringSubmatch(c.comment)
	if word == nil {
		return []string{"the comment in Go does not begin with the type"}
	}
	kind := a.Type.Name
	if a.Type.Members != nil {
		kind = "string"
	}
	if a.ID != "" && kind != goTypes[word[1]] {
		faults = append(faults, "the type is "+kind+", and "+word[1]+" in Go")
	}
	place := a.Annotations.Activitylog
	if found := column.FindStringSubmatch(c.comment); found != nil && found[1]+found[2] != place.Column || found == nil && place.Column != "" {
		faults = append(faults, "the column is "+place.Column+"; the comment in Go: "+c.comment)
	}
	kept := strings.Contains(c.comment, "Kept in the column data") || strings.Contains(c.comment, "In data it is") ||
		slices.Contains([]string{"DroppedAttributesKey", "DroppedMembersKey", "ForgedKey"}, c.name) // the declaration's comment says it
	if kept != (place.Data != "") {
		faults = append(faults, "it is kept in data as "+place.Data+"; the comment in Go: "+c.comment)
	}
	if found := dataMember.FindStringSubmatch(c.comment); found != nil && memberNames[found[1]] != place.Data {
		faults = append(faults, "it is in data as "+place.Data+"; the comment in Go: "+c.comment)
	}
	return append(faults, wrongDoc(c, a)...)
}

var memberNames = map[string]string{"BatchIDName": activity.BatchIDName, "SenderName": activity.SenderName, "ActorVerifiedName": activity.ActorVerifiedName}

// wrongDoc compares what an attribute means: with the meaning of its column, or else with the
// comment in Go. It also looks for the example of the comment.
func wrongDoc(c constant, a *vocabulary.Attribute) (faults []string) {
	brief, want := plain(a.Brief), plain(c.comment)
	if i := activity.ColumnOfKey(c.value); i >= 0 {
		if want = plain(activity.Columns()[i].Meaning); brief != want {
			faults = append(faults, "the brief is "+brief+"; the meaning of the column is "+want)
		}
	} else if brief != "" && !strings.Contains(want, strings.TrimSuffix(brief, " by a hash")) {
		faults = append(faults, "the comment in Go does not say: "+brief)
	}
	if a.ID == "" || a.Type.Members != nil || a.Type.Name == "any" {
		return faults
	}
	for _, found := range goExample.FindAllStringSubmatch(c.comment, -1) {
		example := found[1]
		if example == "" {
			example = strings.NewReplacer(`"`, "", ",", "").Replace(found[2])
		}
		if !slices.ContainsFunc(a.Examples, func(v any) bool { return text(v) == example }) {
			faults = append(faults, "the example in Go is "+example)
		}
	}
	return faults
}

func text(value any) string {
	if list, ok := value.([]any); ok {
		var all []string
		for _, v := range list {
			all = append(all, text(v))
		}
		return "[" + strings.Join(all, " ") + "]"
	}
	s, _ := value.(string)
	return s
}

// plain leaves out what is written in another way: capitals, brackets of links, the last period.
func plain(s string) string {
	s = strings.NewReplacer("[", "", "]", "", "`", "").Replace(strings.ToLower(s))
	return strings.TrimSuffix(strings.Join(strings.Fields(s), " "), ".")
}

// TestDifferences shows that each kind of difference is found.
func TestDifferences(t *testing.T) {
	c := constant{"ObjectIDKey", activity.ObjectIDKey, `ObjectIDKey: string, "17" or "hello-world". Column object_id.`}
	good := vocabulary.Attribute{ID: c.value, Type: vocabulary.Type{Name: "string"}, Brief: "Which one it was.", Examples: []any{"17", "hello-world"},
		Annotations: vocabulary.Annotations{Activitylog: vocabulary.Place{Column: "object_id"}}}
	if got := differences(c, &good); len(got) != 0 {
		t.Errorf("no difference: got %q", got)
	}
	for name, change := range map[string]func(*vocabulary.Attribute){
		"type":     func(a *vocabulary.Attribute) { a.Type.Name = "int" },
		"column":   func(a *vocabulary.Attribute) { a.Annotations.Activitylog.Column = "object_name" },
		"nowhere":  func(a *vocabulary.Attribute) { a.Annotations.Activitylog.Column = "" },
		"data":     func(a *vocabulary.Attribute) { a.Annotations.Activitylog.Data = "object" },
		"meaning":  func(a *vocabulary.Attribute) { a.Brief = "What it was." },
		"examples": func(a *vocabulary.Attribute) { a.Examples = []any{"18"} },
	} {
		a := good
		if change(&a); len(differences(c, &a)) == 0 {
			t.Errorf("%s: no difference is found", name)
		}
	}
	note := constant{"CutKey", "activity.cut", `CutKey: list of strings, the columns whose values were cut, ["object_id"]. Kept in the column data.`}
	if got := differences(note, &vocabulary.Attribute{ID: "activity.cut", Type: vocabulary.Type{Name: "string[]"}, Brief: "Something else."}); len(got) != 3 {
		t.Errorf("place, meaning and example of a note differ: got %q", got)
	}
}

// TestValues compares the members of the registry with the constants in Go.
func TestValues(t *testing.T) {
	want := map[string][]string{
		activity.ActorTypeKey: {string(activity.ActorUser), string(activity.ActorService), string(activity.ActorSystem), string(activity.ActorAnonymous)},
		activity.StatusKey:    {string(activity.StatusSuccess), string(activity.StatusFailed)},
		activity.SourceKey:    {string(activity.SourceDeclared), string(activity.SourceDerived)},
	}
	for _, action := range activity.ActionTypes() {
		want[activity.ActionTypeKey] = append(want[activity.ActionTypeKey], string(action))
	}
	got := map[string][]string{}
	for key, a := range read(t).Defined() {
		for _, m := range a.Type.Members {
			got[key] = append(got[key], m.Value)
		}
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	if activity.EventName != read(t).Group("event.activity.recorded").Name {
		t.Errorf("the event's name is not %s", activity.EventName)
	}
	if n := len(constantsOf(t, "../../activity/activity.go", `^(Action|Status|Actor|Source)[A-Z]`)); n != 8+4+2+2+1 {
		t.Errorf("activity.go has %d values, and this test knows 17, ActionUnknown among them: add the new one here and in the registry", n)
	}
}

// constantsOf returns the names of a file's constants that fit a pattern.
func constantsOf(t *testing.T, name, pattern string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok != token.CONST {
			return false
		}
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, id := range spec.Names {
				if regexp.MustCompile(pattern).MatchString(id.Name) {
					names = append(names, id.Name)
				}
			}
		}
		return true
	})
	return names
}

// TestVersion compares the version of the registry with that of package instrument. A release
// writes both.
func TestVersion(t *testing.T) {
	found := regexp.MustCompile(`(?m)^const Version = "(.+)"$`).FindStringSubmatch(contents(t, "../../instrument/scope.go"))
	if found == nil {
		t.Fatal("instrument/scope.go has no version")
	}
	if url := read(t).Manifest.SchemaURL; !strings.HasSuffix(url, "/"+found[1]) {
		t.Errorf("semconv/manifest.yaml has the schema_url %s; the version is %s", url, found[1])
	}
}
