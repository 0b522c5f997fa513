// Package upgrade_test goes from the tables, the queue and the spool of each released version to
// the present one, under load, and back by one version of the schema. What a version left is
// frozen in testdata.
package upgrade_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// baseline is what a version left: the SQL of its tables, rows in them, and files with records
// that wait, beside the rows that these become. Nobody changes it later: its files have sums.
type baseline struct {
	Version string            `json:"version"` // "v0.1.0", also the name of the folder
	Commit  string            `json:"commit"`  // whose programs wrote it
	Made    string            `json:"made"`    // the day
	Schema  int               `json:"schema"`  // version of the tables
	Files   map[string]string `json:"files"`   // SHA-256 by name

	folder string
}

// The files of a baseline. The SQL is in schema-DRIVER.sql, and what waits in the folders queue
// and spool.
const (
	about       = "baseline.json"
	tableRows   = "rows.jsonl"         // in the tables
	deadLetters = "dead_letters.jsonl" // in the table of dead letters
	queueRows   = "queue.jsonl"        // what the queue becomes
	spoolRows   = "spool.jsonl"        // what the spool becomes
)

// baselines reads all that are there.
func baselines(t *testing.T) (all []baseline) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*", about))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no baseline: %v", err)
	}
	for _, file := range files {
		all = append(all, readBaseline(t, filepath.Dir(file)))
	}
	return all
}

func readBaseline(t *testing.T, folder string) (b baseline) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, about))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	b.folder = folder
	return b
}

// faults says what in a baseline is not as it was written.
func (b *baseline) faults() (faults []string) {
	if filepath.Base(b.folder) != b.Version || !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(b.Version) {
		faults = append(faults, "the folder must have the name of the version, "+b.Version)
	}
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(b.Commit) || b.Made == "" || b.Schema == 0 {
		faults = append(faults, "commit, day or version of the schema is missing")
	}
	sums, err := sumsOf(b.folder)
	if err != nil {
		return append(faults, err.Error())
	}
	for name, sum := range b.Files {
		if sums[name] != sum {
			faults = append(faults, name+" is not what the version wrote")
		}
		delete(sums, name)
	}
	for name := range sums {
		faults = append(faults, name+" was added later")
	}
	slices.Sort(faults)
	return faults
}

// sumsOf returns the SHA-256 of each file below a folder but baseline.json.
func sumsOf(folder string) (map[string]string, error) {
	sums := map[string]string{}
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == about {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(folder, file)
		sums[filepath.ToSlash(name)] = fmt.Sprintf("%x", sha256.Sum256(text))
		return err
	})
	return sums, err
}

// TestBaselinesAreFrozen checks that nobody changed what a version left.
func TestBaselinesAreFrozen(t *testing.T) {
	for _, b := range baselines(t) {
		for _, fault := range b.faults() {
			t.Errorf("%s: %s", b.folder, fault)
		}
		for _, name := range []string{tableRows, deadLetters, queueRows, spoolRows, "schema-sqlite.sql", "schema-postgres.sql", "schema-mysql.sql", "schema-clickhouse.sql"} {
			if b.Files[name] == "" {
				t.Errorf("%s lacks %s", b.folder, name)
			}
		}
	}
}

// TestChangedBaselineIsFound changes a copy of one.
func TestChangedBaselineIsFound(t *testing.T) {
	b := baselines(t)[0]
	for want, change := range map[string]func(folder string) error{
		"rows.jsonl is not what": func(folder string) error { return os.WriteFile(filepath.Join(folder, tableRows), nil, 0o600) },
		"queue.jsonl is not":     func(folder string) error { return os.Remove(filepath.Join(folder, queueRows)) },
		"more was added":         func(folder string) error { return os.WriteFile(filepath.Join(folder, "more"), nil, 0o600) },
	} {
		folder := filepath.Join(t.TempDir(), b.Version)
		if err := os.CopyFS(folder, os.DirFS(b.folder)); err != nil {
			t.Fatal(err)
		}
		copied := readBaseline(t, folder)
		if faults := copied.faults(); len(faults) > 0 {
			t.Errorf("a copy: %q", faults)
		}
		if err := change(folder); err != nil {
			t.Fatal(err)
		}
		if faults := copied.faults(); len(faults) != 1 || !strings.HasPrefix(faults[0], want) {
			t.Errorf("got %q, want %q", faults, want)
		}
	}
}

// TestEachReleaseHasABaseline reads the changelog: a version that was released has one.
func TestEachReleaseHasABaseline(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range released(string(text)) {
		if _, err := os.Stat(filepath.Join("testdata", version, about)); err != nil {
			t.Errorf("%s has no baseline: make baseline VERSION=%s", version, version)
		}
	}
	if got := released("# Changelog\n\n## Unreleased\n\n## 0.3.0-rc.1 - 2027-03-01\n\n## [0.2.0] - 2027-01-02\n\n## v0.1.0 (2026-12-01)\n\n### 0.3.0\n"); !slices.Equal(got, []string{"v0.2.0", "v0.1.0"}) {
		t.Errorf("got %v", got)
	}
}

// released returns the versions of a changelog. Candidates, 0.3.0-rc.1, are none.
func released(changelog string) (versions []string) {
	for _, found := range regexp.MustCompile(`(?m)^## \[?v?(\d+\.\d+\.\d+)(?:[\] ]|$)`).FindAllStringSubmatch(changelog, -1) {
		versions = append(versions, "v"+found[1])
	}
	return versions
}
