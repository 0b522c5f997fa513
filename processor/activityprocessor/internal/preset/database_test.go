package preset

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func TestChanges(t *testing.T) {
	for operation, want := range map[string]activity.ActionType{
		"INSERT": activity.ActionCreate, "insertMany": activity.ActionCreate, "update": activity.ActionUpdate, "UPDATE articles": activity.ActionUpdate,
		"findAndModify": activity.ActionUpdate, "findOneAndDelete": activity.ActionDelete, "deleteOne": activity.ActionDelete, "find": "", "SELECT": "", "": "",
	} {
		assert.Equal(t, want, changeOf(operation), operation)
	}
}

// Semantic conventions have "BATCH " before the operation of a batch.
func TestOperations(t *testing.T) {
	for operation, want := range map[string]activity.ActionType{
		"BATCH INSERT": activity.ActionCreate, "BATCH": "", "batch delete": activity.ActionDelete, "INSERT INTO": activity.ActionCreate, "MERGE": activity.ActionUpdate,
		"upsert": activity.ActionUpdate, "findOneAndReplace": activity.ActionUpdate, "replaceOne": activity.ActionUpdate, "aggregate": "", "BATCH SELECT": "", " ": "",
	} {
		assert.Equal(t, want, changeOf(operation), operation)
	}
}

func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		d                record.Statement
		operation, table string
	}{
		{record.Statement{Operation: "UPDATE", Table: "a", Text: "DELETE FROM b"}, "UPDATE", "a"},
		{record.Statement{Table: "a", Text: "update b set c = 1"}, "UPDATE", "a"},
		{record.Statement{Operation: "update", Text: "UPDATE b SET c = 1"}, "UPDATE", "b"},
		{record.Statement{Operation: "SELECT", Text: "UPDATE b SET c = 1"}, "SELECT", ""},
		{record.Statement{Operation: "INSERT", Text: "UPDATE b SET c = 1"}, "INSERT", ""},
		{record.Statement{Summary: "INSERT articles"}, "INSERT", "articles"},
		{record.Statement{Summary: "SELECT articles", Text: "SELECT * FROM articles"}, "", ""},
		{record.Statement{Operation: "BATCH INSERT", Text: "INSERT INTO articles VALUES (1)"}, "BATCH INSERT", "articles"},
		{record.Statement{}, "", ""},
	} {
		operation, table := targetOf(&tt.d)
		assert.Equal(t, [2]string{tt.operation, tt.table}, [2]string{operation, table}, "%+v", tt.d)
	}
}
