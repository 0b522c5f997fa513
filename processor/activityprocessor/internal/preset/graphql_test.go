package preset

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

func TestGraphQLMade(t *testing.T) {
	for _, tt := range []struct {
		kind, name string
		code       ptrace.StatusCode
		want       string
	}{
		{"query", "DeleteArticle", 0, "Read article Success query DeleteArticle"},
		{"Query", "", 0, "Read  Success query"},
		{"subscription", "onComment", 0, "Read  Success subscription onComment"},
		{"MUTATION", "addTags", 0, "Create tag Success mutation addTags"},
		{"mutation", "GetOrCreateTag", 0, "Create tag Success mutation GetOrCreateTag"},
		{"mutation", "listTags", 0, "Update  Success mutation listTags"},
		{"mutation", "logout", ptrace.StatusCodeError, "Logout  Failed mutation logout"},
	} {
		m := ofGraphQL(&record.Record{Facts: record.Facts{GraphQL: record.GraphQL{Kind: tt.kind, Name: tt.name}, Status: tt.code}})
		assert.Equal(t, tt.want, string(m.Action)+" "+m.Object.Type+" "+string(m.Status)+" "+m.Name)
	}
}
