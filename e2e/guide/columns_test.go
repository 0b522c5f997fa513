package guide_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestColumns: docs/columns.md explains each column of the table, in their order.
func TestColumns(t *testing.T) {
	schema := contents(t, "exporter/activitylogexporter/internal/dialect/schema/postgres/00001_activity_log.sql")
	table := regexp.MustCompile(`(?s)\{\{table\}\} \((.*?)PRIMARY KEY`).FindStringSubmatch(schema)
	require.NotNil(t, table)
	columns := names(regexp.MustCompile(`(?m)^    (\w+)`), table[1])
	section := regexp.MustCompile(`(?s)\| column \|.*?\n\n`).FindString(contents(t, "docs/columns.md"))
	require.Len(t, columns, 24)
	require.Equal(t, columns, names(regexp.MustCompile("(?m)^\\| `(\\w+)`"), section))
}

func names(pattern *regexp.Regexp, text string) (found []string) {
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
