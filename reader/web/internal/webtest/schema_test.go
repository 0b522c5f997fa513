package webtest_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/schema"
)

// TestSchema validates the JSON of rows, which is a line of an export, with the published
// schema. The rows are those of the other tests.
func TestSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	for id, text := range map[string]string{schema.RowID: schema.Row(), schema.ExportID: schema.Export()} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(id, value); err != nil {
			t.Fatal(err)
		}
	}
	s := c.MustCompile(schema.ExportID)
	for _, r := range story(time.Now(), 300) {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
