package record

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/activity"
)

// Each column that is a text of the record has a field, except what no rule sets.
func TestFieldsAreColumns(t *testing.T) {
	fields := map[string]bool{activity.SourceKey: true, activity.ServiceNameKey: true}
	for f := range NumFields {
		assert.GreaterOrEqual(t, activity.ColumnOfKey(f.Key()), 0, f.Key())
		fields[f.Key()] = true
	}
	for _, c := range activity.Columns() {
		if c.Kind == activity.ColumnText && c.Key != "" {
			assert.True(t, fields[c.Key], "%s has no field", c.Name)
		}
	}
}

func TestIsText(t *testing.T) {
	for _, c := range activity.Columns() {
		text := c.Kind == activity.ColumnText || c.Kind == activity.ColumnID
		assert.Equal(t, text && c.Key != "" && c.Key != activity.ServiceNameKey, IsText(c.Key), c.Name)
	}
	assert.False(t, IsText("http.route"))
}
