package artifacts

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/packaging/internal/disttest"
)

// metadata is what goreleaser says about a release.
type metadata struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

func readMetadata(t *testing.T) (m metadata) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(disttest.Folder(t), "metadata.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// program returns the path of a program for this machine.
func program(t *testing.T, name string) string {
	return disttest.File(t, fmt.Sprintf("%s_%s_%s_*/%s", name, runtime.GOOS, runtime.GOARCH, name))
}

// Both programs say the version of the tag, and the commit.
func TestVersions(t *testing.T) {
	m := readMetadata(t)
	said := m.Version + " (" + m.Commit[:12] + ")"
	for _, test := range []struct{ name, arg, want string }{
		{"otelcol-activitylog", "--version", "otelcol-activitylog version " + said + "\n"},
		{"otelcol-activitylog", "version", "otelcol-activitylog version " + said + "\n"},
		{"activitylog", "version", "activitylog " + said + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"},
	} {
		out, err := exec.Command(program(t, test.name), test.arg).Output()
		if err != nil || string(out) != test.want {
			t.Errorf("%s %s: got %q, %v, want %q", test.name, test.arg, out, err, test.want)
		}
	}
}

// Archives have what a stranger needs, belong to root, and have the time of the commit.
func TestArchives(t *testing.T) {
	committed := commitTime(t)
	for name, want := range map[string][]string{
		"otelcol-activitylog": {"LICENSE", "THIRD_PARTY_LICENSES", "collector-config.yaml", "man/otelcol-activitylog.1.gz", "otelcol-activitylog"},
		"activitylog": {
			"LICENSE", "THIRD_PARTY_LICENSES", "activitylog", "completions/bash/activitylog", "completions/fish/activitylog.fish",
			"completions/powershell/activitylog.ps1", "completions/zsh/_activitylog", "man/activitylog-tail.1.gz", "man/activitylog.1.gz",
		},
	} {
		var found []string
		for _, file := range archived(t, disttest.File(t, fmt.Sprintf("%s_*_%s_%s.tar.gz", name, runtime.GOOS, runtime.GOARCH))) {
			found = append(found, file.Name)
			if file.Uname != "root" || file.Gname != "root" || !file.ModTime.Equal(committed) {
				t.Errorf("%s: %s belongs to %s:%s and is of %s, want root:root and %s", name, file.Name, file.Uname, file.Gname, file.ModTime, committed)
			}
			if executable := file.Mode&0o111 != 0; executable != (file.Name == name) {
				t.Errorf("%s: %s has mode %o", name, file.Name, file.Mode)
			}
		}
		for _, file := range want {
			if !slices.Contains(found, file) {
				t.Errorf("the archive of %s has no %s: %q", name, file, found)
			}
		}
	}
}

// archived returns the headers of a compressed archive.
func archived(t *testing.T, file string) (headers []*tar.Header) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return headers
		}
		if err != nil {
			t.Fatal(err)
		}
		headers = append(headers, header)
	}
}

// commitTime is when the commit of the release was made.
func commitTime(t *testing.T) time.Time {
	t.Helper()
	out, err := exec.Command("git", "-C", "../..", "show", "-s", "--format=%cI", readMetadata(t).Commit).Output()
	if err != nil {
		t.Fatalf("look for the commit of dist: run make snapshot again: %v", err)
	}
	committed, err := time.Parse(time.RFC3339, strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return committed
}

// The checksums are right, and there is one of each file that people get.
func TestChecksums(t *testing.T) {
	text, err := os.ReadFile(disttest.File(t, "activitylog_*_SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		sums[fields[1]] = fields[0]
	}
	var checked int
	for _, pattern := range []string{"*.tar.gz", "*.zip", "*.deb", "*.rpm", "*.cdx.json"} {
		files, err := filepath.Glob(filepath.Join(disttest.Folder(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if got := sum(t, file); sums[filepath.Base(file)] != got {
				t.Errorf("%s: it has the checksum %s, and the list says %q", file, got, sums[filepath.Base(file)])
			}
			checked++
		}
	}
	if checked != len(sums) || checked < 6 {
		t.Errorf("there are %d files and %d checksums", checked, len(sums))
	}
}

func sum(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// The list of what a program is made of names its modules with their versions and checksums.
func TestSBOM(t *testing.T) {
	for name, want := range map[string][]string{
		"otelcol-activitylog": {"go.opentelemetry.io/collector/receiver/otlpreceiver", "modernc.org/sqlite", "std"},
		"activitylog":         {"github.com/spf13/cobra", "github.com/jackc/pgx/v5", "std"},
	} {
		text, err := os.ReadFile(disttest.File(t, fmt.Sprintf("%s_*_%s_%s.cdx.json", name, runtime.GOOS, runtime.GOARCH)))
		if err != nil {
			t.Fatal(err)
		}
		var bom struct {
			BOMFormat    string `json:"bomFormat"`
			SerialNumber string `json:"serialNumber"`
			Metadata     struct {
				Timestamp string `json:"timestamp"`
			} `json:"metadata"`
			Components []struct {
				Name, Version, PURL string
			} `json:"components"`
		}
		if err := json.Unmarshal(text, &bom); err != nil {
			t.Fatal(err)
		}
		if bom.BOMFormat != "CycloneDX" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
			t.Errorf("%s: the list is not reproducible: format %q, number %q, time %q", name, bom.BOMFormat, bom.SerialNumber, bom.Metadata.Timestamp)
		}
		versions := map[string]string{}
		for _, component := range bom.Components {
			versions[component.Name] = component.Version
		}
		for _, module := range want {
			if versions[module] == "" {
				t.Errorf("%s: the list of %d modules has no %s", name, len(versions), module)
			}
		}
	}
}
