package modules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/release/modules"
	"github.com/otelactivity/activitylog/internal/release/repotest"
)

// TestRepository checks versions.yaml of this repository, and what each published module
// requires.
func TestRepository(t *testing.T) {
	all, err := modules.Load("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range modules.Faults(all) {
		t.Error(fault)
	}
	if len(all) < 40 {
		t.Errorf("got %d modules", len(all))
	}
	for _, m := range all {
		for _, r := range m.File.Replace {
			if m.Published() && !slices.ContainsFunc(all, func(other modules.Module) bool { return other.Path == r.Old.Path }) {
				t.Errorf("%s replaces %s, which those who require it do not", m.GoMod(), r.Old.Path)
			}
		}
		if m.Published() && m.Dir != "." && m.Tag("v0.1.0") != m.Dir+"/v0.1.0" {
			t.Errorf("the tag of %s is %s", m.Path, m.Tag("v0.1.0"))
		}
	}
	if got := all[0].Tag("v0.1.0"); got != "v0.1.0" {
		t.Errorf("the tag of the root is %s", got)
	}
}

// TestLoad checks that each module has one place in versions.yaml.
func TestLoad(t *testing.T) {
	for name, test := range map[string]struct{ files, want string }{
		"as it should be": {"", ""},
		"not listed":      {"-- new/go.mod --\nmodule example.com/m/new\n", "module example.com/m/new must be in one module set or in excluded-modules; it is in 0 of them"},
		"listed twice": {"-- versions.yaml --\nmodule-sets:\n  service: {version: v0.0.0, modules: [example.com/m, example.com/m/instrument, example.com/m/collector]}\n" +
			"excluded-modules: [example.com/m/e2e, example.com/m/collector]\n", "module example.com/m/collector must be in one module set or in excluded-modules; it is in 2 of them"},
		"gone": {"-- versions.yaml --\nmodule-sets:\n  service: {version: v0.0.0, modules: [example.com/m, example.com/m/instrument, example.com/m/collector]}\n" +
			"excluded-modules: [example.com/m/e2e, example.com/m/gone]\n", "there is no module example.com/m/gone"},
		"a wrong path":        {"-- e2e/go.mod --\nmodule example.com/e2e\n", "e2e/go.mod: the module must be called example.com/m/e2e, not example.com/e2e"},
		"an unknown setting":  {"-- versions.yaml --\nmodule-set:\n  service: {version: v0.0.0}\n", "field module-set not found"},
		"data of tests":       {"-- testdata/go.mod --\nmodule example.com/other\n", ""},
		"a go.mod with error": {"-- e2e/go.mod --\nmodul\n", "unknown directive: modul"},
	} {
		t.Run(name, func(t *testing.T) {
			root := repotest.New(t, repotest.Small)
			repotest.Write(t, root, test.files)
			all, err := modules.Load(root)
			if test.want == "" {
				if err != nil || len(all) != 4 {
					t.Fatalf("got %d modules, %v", len(all), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestFaults requires what a module must not.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct{ module, requires, want string }{
		"excluded":                          {"instrument", "example.com/m/e2e v0.0.0", "it is not published"},
		"the collector side":                {"instrument", "example.com/m/collector v0.0.0", "a service must not get the Collector"},
		"the Collector":                     {"instrument", "go.opentelemetry.io/collector/pdata v1.0.0", "a service must not get the Collector"},
		"the service side":                  {"collector", "example.com/m/instrument v0.0.0", "they share the root and internal/table alone"},
		"telemetry in what both share":      {".", "go.opentelemetry.io/otel/log v0.1.0", "no OpenTelemetry but the API of traces"},
		"the API of traces":                 {".", "go.opentelemetry.io/otel/trace v1.0.0", ""},
		"a module that is not published":    {"e2e", "example.com/m/collector v0.0.0", ""},
		"OpenTelemetry on the service side": {"instrument", "go.opentelemetry.io/otel/log v0.1.0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := repotest.New(t, repotest.Small)
			all, err := modules.Load(root)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range all {
				if m.Dir == test.module {
					path, version, _ := strings.Cut(test.requires, " ")
					m.File.AddNewRequire(path, version, true)
				}
			}
			got := modules.Faults(all)
			if test.want == "" && len(got) != 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
