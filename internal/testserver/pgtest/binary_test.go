package pgtest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNewest(t *testing.T) {
	for want, found := range map[string][]string{
		"/usr/lib/postgresql/15/bin/initdb":  {"/usr/lib/postgresql/15/bin/initdb", "/usr/lib/postgresql/9.6/bin/initdb"},
		"/usr/lib/postgresql/100/bin/initdb": {"/usr/lib/postgresql/100/bin/initdb", "/usr/lib/postgresql/18/bin/initdb"},
		"/usr/lib/postgresql/9.6/bin/initdb": {"/usr/lib/postgresql/9.5/bin/initdb", "/usr/lib/postgresql/9.6/bin/initdb"},
	} {
		if got := newest(found); got != want {
			t.Errorf("of %q: got %s, want %s", found, got, want)
		}
	}
}

// TestFolderOfPrograms checks that the programs of two versions are not mixed.
func TestFolderOfPrograms(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(binEnv, folder)
	for _, name := range serverPrograms {
		if path, err := binary(name); err == nil {
			t.Errorf("%s was found outside the folder: %s", name, path)
		}
	}
	want := filepath.Join(folder, "initdb")
	if err := os.WriteFile(want, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := binary("initdb"); err != nil || got != want {
		t.Errorf("got %q, %v, want %s", got, err, want)
	}
}
