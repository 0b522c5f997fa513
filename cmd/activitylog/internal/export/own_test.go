//go:build unix

package export

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What somebody else has put where the files of an export are going to be is not followed,
// and not written into.
func TestPlantedFiles(t *testing.T) {
	o := Options{Format: CSV}
	for _, suffix := range []string{".part", ".state", ".state.new"} {
		for kind, plant := range map[string]func(victim, at string) error{
			"symbolic link": os.Symlink, "hard link": os.Link,
			"pipe": func(_, at string) error { return syscall.Mkfifo(at, 0o666) },
		} {
			t.Run(kind+suffix, func(t *testing.T) {
				folder := t.TempDir()
				victim, name := filepath.Join(folder, "victim"), filepath.Join(folder, "rows.csv")
				plantFile(t, victim, "precious", 0o644)
				if err := plant(victim, name+suffix); err != nil {
					t.Fatal(err)
				}
				if suffix == ".state" {
					if _, err := Resume(name, o, nil); !errors.Is(err, errNotOwn) {
						t.Errorf("resume: got %v", err)
					}
				}
				f, err := Create(name, o, nil, nil, Everything)
				if suffix == ".part" {
					if !errors.Is(err, errNotOwn) {
						t.Errorf("create: got %v", err)
					}
				} else if err != nil {
					t.Fatal(err)
				} else {
					row := rows(1)[0]
					if err := errors.Join(f.Write(&row), f.Save("cursor"), f.Finish()); err != nil {
						t.Error(err)
					}
				}
				if text, err := os.ReadFile(victim); err != nil || string(text) != "precious" {
					t.Errorf("the other file has become %q, %v", text, err)
				}
			})
		}
	}
}

// A file that others could read or write is closed to them before rows are in it.
func TestPermissions(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	name := filepath.Join(t.TempDir(), "rows.csv")
	plantFile(t, name+".part", "", 0o666)
	plantFile(t, name, "", 0o666)
	f, err := Create(name, Options{Format: CSV}, nil, nil, Everything)
	if err != nil {
		t.Fatal(err)
	}
	private := func(names ...string) {
		t.Helper()
		for _, n := range names {
			if info, err := os.Stat(n); err != nil || info.Mode() != fs.FileMode(0o600) {
				t.Errorf("%s: got %v, %v", n, info.Mode(), err)
			}
		}
	}
	row := rows(1)[0]
	if err := errors.Join(f.Write(&row), f.Save("cursor")); err != nil {
		t.Fatal(err)
	}
	private(name+".part", name+".state")
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	private(name)
}

func plantFile(t *testing.T, name, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}
