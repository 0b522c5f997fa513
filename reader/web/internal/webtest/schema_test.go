package webtest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/internal/jsonschematest"
	"github.com/otelactivity/activitylog/schema"
)

// TestSchema validates the JSON of rows, which is a line of an export, with the published
// schema. The rows are those of the other tests.
func TestSchema(t *testing.T) {
	s := jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.ExportID)
	for _, r := range story(time.Now(), 300) {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(jsonschematest.Value(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
