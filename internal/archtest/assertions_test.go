package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// usesTestify are the modules whose tests use testify, as tests of the Collector do.
// The tests of all others use the package testing alone.
var usesTestify = []string{"processor/", "connector/"}

// failure is what testify's assertions stand for. Benchmarks may stop with b.Fatal,
// which costs nothing while they measure.
var failure = regexp.MustCompile(`\bt\.(Error|Errorf|Fatal|Fatalf)\(`)

func TestOneStyleOfAssertions(t *testing.T) {
	for _, fault := range mixedAssertions(t, root) {
		t.Error(fault)
	}
}

// mixedAssertions returns a line for each test below a folder that is not in the
// style of its module.
func mixedAssertions(t *testing.T, root string) (faults []string) {
	t.Helper()
	walk(t, root, func(file string, imports []string) {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(file), "generated_") || strings.Contains(name, "/internal/metadata") {
			return
		}
		testify := false
		for _, path := range imports {
			testify = testify || strings.HasPrefix(path, "github.com/stretchr/testify")
		}
		if !strings.HasPrefix(name, usesTestify[0]) && !strings.HasPrefix(name, usesTestify[1]) {
			if testify {
				faults = append(faults, name+" imports testify, which the tests of its module do without")
			}
			return
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") && failure.Match(text) {
			faults = append(faults, name+" fails by methods of testing.T; the tests of its module use testify")
		}
	})
	return faults
}

func TestMixedAssertionsAreFound(t *testing.T) {
	dir := t.TempDir()
	plain := "package a\n\nfunc f() { t.Fatal() }\n"
	testify := "package a\n\nimport \"github.com/stretchr/testify/require\"\n\nvar _ = require.NoError\n"
	for name, text := range map[string]string{
		"exporter/good_test.go": plain, "exporter/bad_test.go": testify, "exporter/generated_a_test.go": testify,
		"processor/good_test.go": testify, "processor/bad_test.go": plain, "connector/bad_test.go": plain,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	faults := mixedAssertions(t, dir)
	if len(faults) != 3 {
		t.Errorf("got %q, want the three bad files", faults)
	}
	for _, fault := range faults {
		if !strings.Contains(fault, "/bad_test.go") {
			t.Errorf("not a fault: %s", fault)
		}
	}
}
