package vocabulary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "go.opentelemetry.io/otel/semconv/v1.40.0" // whose source TestReferences reads

	"github.com/otelactivity/activitylog/internal/vocabulary"
)

// components are the folders whose code reads or writes attributes.
var components = []string{"processor/activityprocessor", "exporter/activitylogexporter", "connector/activityconnector", "internal/identity", "activity"}

// attributeLike are texts that may be names of attributes, or what such names begin with.
var attributeLike = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+\.?$`)

// noAttributes are texts like that which are something else.
var noAttributes = map[string]string{
	"activity.recorded":                "the name of the event",
	"action.type":                      "a column as rules name it",
	"activity.data.":                   "begins a path of the privacy settings",
	"activity.actor.":                  "begins the names of the actor's attributes",
	"hooks.slack":                      "a part of a host",
	"org.couchdb.user":                 "begins a user's id of CouchDB",
	"grpc.reflection.":                 "begins the name of a service",
	"http.response.headers.set-cookie": "a header that is removed, by a name that no convention has",
}

// literals returns the texts in the code of a folder that may be names of attributes.
func literals(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "examples" || strings.HasSuffix(name, "test") || name == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.HasPrefix(filepath.Base(file), "generated_") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil && attributeLike.MatchString(text) {
					found[text] = file
				}
			}
			_, imports := n.(*ast.ImportSpec)
			return !imports
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// templates are attributes whose names go on with that of a header.
var templates = []string{"http.request.header", "http.response.header", "http.request.headers", "rpc.request.metadata", "rpc.grpc.request.metadata", "rpc.connect_rpc.request.metadata"}

// attributeOf returns the attribute that a text in the code means.
func attributeOf(text string) string {
	for _, template := range templates {
		if strings.HasPrefix(text, template+".") {
			return template
		}
	}
	return text
}

// TestSources compares the registry with the code of the collector's components, in both
// directions: each attribute that they read or write is there, and no other.
func TestSources(t *testing.T) {
	registry := read(t)
	known := map[string]bool{}
	for _, group := range registry.Groups {
		for _, a := range group.Attributes {
			known[a.Key()] = true
		}
	}
	inCode := map[string]bool{"user_agent": true} // which looks like any word
	for _, folder := range components {
		for text, file := range literals(t, filepath.Join("../..", folder)) {
			if noAttributes[text] != "" {
				continue
			}
			key := attributeOf(text)
			inCode[key] = true
			if !known[key] {
				t.Errorf("%s has %q, which is not in semconv/activity.yaml: add it, or say in noAttributes what else it is", file, text)
			}
		}
	}
	if len(inCode) < 80 {
		t.Fatalf("only %d attributes were found", len(inCode))
	}
	for key := range known {
		if !inCode[key] {
			t.Errorf("no component has %s", key)
		}
	}
}

// TestReferences finds each attribute that the registry refers to in OpenTelemetry's own
// conventions: in the version that the manifest names, or in an older one if it was renamed.
// Those that were renamed are still in OpenTelemetry's registry, as deprecated, of which its
// Go packages have nothing.
func TestReferences(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "go.opentelemetry.io/otel/semconv/v1.40.0").Output()
	if err != nil {
		t.Fatal(err)
	}
	current := strings.TrimSpace(string(out))
	registry := read(t)
	if url := registry.Manifest.Dependencies[0].SchemaURL; filepath.Base(url) != strings.TrimPrefix(filepath.Base(current), "v") {
		t.Errorf("the manifest names %s, and the test reads %s", url, current)
	}
	now, before := keysOf(t, current), map[string]bool{}
	for _, version := range []string{"v1.12.0", "v1.17.0", "v1.20.0", "v1.25.0", "v1.38.0"} {
		maps.Copy(before, keysOf(t, filepath.Join(filepath.Dir(current), version)))
	}
	refs := 0
	for _, group := range registry.Groups {
		for _, a := range group.Attributes {
			if a.Ref == "" || strings.HasPrefix(a.Ref, "activity.") {
				continue
			}
			refs++
			if fault := misplaced(&group, a.Ref, now, before); fault != "" {
				t.Errorf("%s %s", a.Ref, fault)
			}
		}
	}
	if refs < 50 {
		t.Errorf("only %d references", refs)
	}
	for key := range registry.Defined() {
		if now[key] {
			t.Errorf("%s is OpenTelemetry's: refer to it", key)
		}
	}
}

func misplaced(group *vocabulary.Group, key string, now, before map[string]bool) string {
	deprecated := strings.HasSuffix(group.ID, ".deprecated")
	switch {
	case deprecated && now[key]:
		return "is not deprecated"
	case deprecated && !before[key]:
		return "was in no version of the conventions"
	case !deprecated && !now[key]:
		return "is not in the conventions"
	}
	return ""
}

// keysOf returns the keys of a package of OpenTelemetry's conventions, also those of templates.
func keysOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files: %v", folder, err)
	}
	key := regexp.MustCompile(`attribute\.Key\("([^"]+)"\)|(?:attribute\.\w+\(|return )"([a-z_.]+)\."\s*\+|"([a-z_.]+)"\s+semantic`)
	for _, file := range files {
		for _, found := range key.FindAllStringSubmatch(contents(t, file), -1) {
			keys[found[1]+found[2]+found[3]] = true
		}
	}
	return keys
}

// TestMisplaced shows that a wrong reference is found.
func TestMisplaced(t *testing.T) {
	now, before := map[string]bool{"url.path": true}, map[string]bool{"http.target": true}
	current, old := &vocabulary.Group{ID: "activity.read"}, &vocabulary.Group{ID: "activity.read.deprecated"}
	got := []string{
		misplaced(current, "url.path", now, before), misplaced(old, "http.target", now, before),
		misplaced(current, "http.target", now, before), misplaced(old, "url.path", now, before), misplaced(old, "http.path", now, before),
	}
	if !slices.Equal(got, []string{"", "", "is not in the conventions", "is not deprecated", "was in no version of the conventions"}) {
		t.Errorf("got %q", got)
	}
}
