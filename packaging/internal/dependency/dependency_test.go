package dependency

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The command's modules are found, on each system, and our own are not among them.
func TestModules(t *testing.T) {
	modules, err := Modules(t.Context(), "../../../cmd/activitylog", ".")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, module := range modules {
		paths = append(paths, module.Path)
		if strings.HasPrefix(module.Path, Own) {
			t.Errorf("our own module %s is listed", module.Path)
		}
		if module.Version == "" || len(module.Folders) == 0 {
			t.Errorf("%s has no version or folder: %+v", module.Path, module)
		}
	}
	// The last one is imported on Windows alone.
	for _, want := range []string{"github.com/spf13/cobra", "modernc.org/sqlite", "github.com/inconshreveable/mousetrap"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not listed: %q", want, paths)
		}
	}
	if !slices.IsSorted(paths) {
		t.Errorf("the list has no order: %q", paths)
	}
}

// A folder without a module is an error that names it.
func TestModulesOfNothing(t *testing.T) {
	folder := t.TempDir()
	if _, err := Modules(t.Context(), folder, "./..."); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("got %v, want an error with %s", err, folder)
	}
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

// Which files are licences, and what is in them.
func TestLicenses(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string // names of licences, or none for an error
		texts []string // names of files
	}{
		{name: "one", files: map[string]string{"LICENSE": mit, "README": "MIT"}, want: []string{"MIT"}, texts: []string{"LICENSE"}},
		{name: "other spellings", files: map[string]string{"LICENCE.md": mit}, want: []string{"MIT"}, texts: []string{"LICENCE.md"}},
		{name: "copying", files: map[string]string{"COPYING": mit}, want: []string{"MIT"}, texts: []string{"COPYING"}},
		{name: "notice", files: map[string]string{"LICENSE": mit, "NOTICE": "by A"}, want: []string{"MIT"}, texts: []string{"LICENSE", "NOTICE"}},
		{name: "source is no licence", files: map[string]string{"LICENSE": mit, "license.go": mit}, want: []string{"MIT"}, texts: []string{"LICENSE"}},
		{name: "other text", files: map[string]string{"LICENSE": "You may look at it."}, want: []string{"unknown"}, texts: []string{"LICENSE"}},
		{name: "other text beside", files: map[string]string{"LICENSE": mit + strings.Repeat("But you owe us a dinner. ", 200)}, want: []string{"MIT", "unknown"}, texts: []string{"LICENSE"}},
		{name: "none", files: map[string]string{"README.md": mit}},
		{name: "notice alone", files: map[string]string{"NOTICE": mit}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			names, texts, err := Licenses(Module{Path: "example.com/m", Version: "v1.0.0", Folders: []string{folder}})
			if len(test.want) == 0 {
				if err == nil || !strings.Contains(err.Error(), "example.com/m v1.0.0 has no licence") {
					t.Errorf("got %q, %v, want an error that names the module", names, err)
				}
				return
			}
			var files []string
			for _, text := range texts {
				files = append(files, text.Name)
			}
			if err != nil || !slices.Equal(names, test.want) || !slices.Equal(files, test.texts) {
				t.Errorf("got %q from %q, %v, want %q from %q", names, files, err, test.want, test.texts)
			}
		})
	}
}

// The licence of a package that was copied into a module is found beside it.
func TestBetween(t *testing.T) {
	got := between("/m", "/m/a/b")
	slices.Sort(got)
	if want := []string{"/m", "/m/a", "/m/a/b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
