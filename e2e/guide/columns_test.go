package guide_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/otelactivity/activitylog/activity"
)

// TestColumns: docs/columns.md explains each column of the table, in their order.
func TestColumns(t *testing.T) {
	section := regexp.MustCompile(`(?s)\| column \|.*?\n\n`).FindString(contents(t, "docs/columns.md"))
	var explained []string
	for _, match := range regexp.MustCompile("(?m)^\\| `(\\w+)`").FindAllStringSubmatch(section, -1) {
		explained = append(explained, match[1])
	}
	var want []string
	for _, column := range activity.Columns() {
		want = append(want, column.Name)
	}
	if !slices.Equal(explained, want) {
		t.Fatalf("explained: got %v, want %v", explained, want)
	}
}

// TestMetrics: docs/reference/metrics.md lists each metric that a metadata.yaml defines,
// and no page names one that does not exist.
func TestMetrics(t *testing.T) {
	defined := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, "*", "*", "metadata.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var metadata struct {
			Telemetry struct{ Metrics map[string]any }
		}
		if err := yaml.Unmarshal([]byte(contents(t, file[len(root)+1:])), &metadata); err != nil {
			t.Fatal(err)
		}
		for name := range metadata.Telemetry.Metrics {
			defined["otelcol_"+name] = true
		}
	}
	if len(defined) <= 25 {
		t.Fatalf("len(defined): got %v, want more than %v", len(defined), 25)
	}
	list := contents(t, "docs/reference/metrics.md")
	for name := range defined {
		if !strings.Contains(list, "`"+name+"`") {
			t.Fatalf("%q is not in:\n%s", "`"+name+"`", list)
		}
	}
	var code strings.Builder // a component that mdatagen does not generate yet
	for _, text := range sources(t, ".go") {
		code.WriteString(text)
	}
	pattern := regexp.MustCompile("`(otelcol_(?:exporter_activitylog|processor_activity|extension_activity_guard)_\\w+?)(?:_count|_sum|_bucket)?`")
	for file, page := range pages(t) {
		if filepath.Base(file) == "CHANGELOG.md" {
			continue // it has old names
		}
		for _, match := range pattern.FindAllStringSubmatch(page, -1) {
			known := defined[match[1]] || strings.Contains(code.String(), `"`+match[1]+`"`)
			if !known {
				t.Fatalf("%s: nothing defines %s", file, match[1])
			}
		}
	}
}
