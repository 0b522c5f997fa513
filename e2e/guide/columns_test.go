package guide_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
	require.Equal(t, want, explained)
}

// TestMetrics: docs/reference/metrics.md lists each metric that a metadata.yaml defines,
// and no page names one that does not exist.
func TestMetrics(t *testing.T) {
	defined := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, "*", "*", "metadata.yaml"))
	require.NoError(t, err)
	for _, file := range files {
		var metadata struct {
			Telemetry struct{ Metrics map[string]any }
		}
		require.NoError(t, yaml.Unmarshal([]byte(contents(t, file[len(root)+1:])), &metadata))
		for name := range metadata.Telemetry.Metrics {
			defined["otelcol_"+name] = true
		}
	}
	require.Greater(t, len(defined), 25)
	list := contents(t, "docs/reference/metrics.md")
	for name := range defined {
		require.Contains(t, list, "`"+name+"`")
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
			require.True(t, known, "%s: nothing defines %s", file, match[1])
		}
	}
}
