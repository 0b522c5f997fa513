package vocabulary_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/jsonschematest"
	"github.com/otelactivity/activitylog/schema"
)

// full is a row with a value in each column.
const full = `{"event_id":"01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a","action_time":"2026-11-26T12:39:02.076419Z","actor_id":"1","actor_type":"user",
"actor_name":"alice","impersonator_id":"7","tenant_id":"acme","action_type":"Update","action_name":"PATCH /api/articles/{id}","status":"Success",
"error_type":"403","object_type":"article","object_id":"1","object_name":"Up","remarks":"alice updated article 1",
"data":{"changes":{"title":["Down","Up"],"(more changes)":[null,3]},"parent":{"type":"user","id":"3","parent":{"id":4}},"objects":[{"type":"article"}],
"activity.cut":["object_id"],"actor_verified":false,"own":{"a":[1]}},
"client_address":"127.0.0.1","user_agent":"curl/7.88.1","session_id":"HUX5","service_name":"blog","trace_id":"e11d2ccb7f8233febec4b2a9cf29502a",
"span_id":"457c7cba6856f436","source":"declared","recorded_at":"2026-11-26T12:39:02Z"}`

type object = map[string]any

func decoded(t *testing.T, text string) (o object) {
	t.Helper()
	return jsonschematest.Value(t, []byte(text)).(object)
}

// compiled returns a schema, or a part of one such as "#/$defs/chosen".
func compiled(t *testing.T, id string) *jsonschema.Schema {
	t.Helper()
	return jsonschematest.Compile(t, jsonschema.NewCompiler(), id)
}

// TestSchemas has rows that are right: full, with NULL, and with chosen columns.
func TestSchemas(t *testing.T) {
	row, export, chosen := compiled(t, schema.RowID), compiled(t, schema.ExportID), compiled(t, schema.ExportID+"#/$defs/chosen")
	for name, s := range map[string]*jsonschema.Schema{"row": row, "export": export, "chosen": chosen} {
		if err := s.Validate(decoded(t, full)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	nulls, short := decoded(t, full), decoded(t, full)
	for _, column := range parsed(t, schema.Row()).Required {
		if !contains(parsed(t, schema.Export()).Required, column) {
			nulls[column] = nil
			delete(short, column)
		}
	}
	few := object{"actor_id": nil, "recorded_at": "2026-11-26T12:39:02.568000Z"}
	for name, c := range map[string]struct {
		schema *jsonschema.Schema
		value  object
		valid  bool
	}{
		"row with NULL": {row, nulls, true}, "export with NULL": {export, nulls, false}, "chosen with NULL": {chosen, nulls, true},
		"short row": {row, short, false}, "short export": {export, short, true}, "short chosen": {chosen, short, true},
		"few of a row": {row, few, false}, "few of an export": {export, few, false}, "few chosen": {chosen, few, true},
		"nothing": {chosen, object{}, false},
	} {
		if err := c.schema.Validate(c.value); (err == nil) != c.valid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func contains(all []string, one string) bool {
	return strings.Contains(" "+strings.Join(all, " ")+" ", " "+one+" ")
}

// TestMutatedRows changes one thing after the other in a row that is right: no schema takes it.
func TestMutatedRows(t *testing.T) {
	long := strings.Repeat("😀", 256)
	mutations := map[string]func(object){
		"another column":         func(o object) { o["colour"] = "red" },
		"id of version 4":        func(o object) { o["event_id"] = "01a217dd-cebc-46b5-a5a2-fbb4d0dadb8a" },
		"id in capitals":         func(o object) { o["event_id"] = strings.ToUpper(o["event_id"].(string)) },
		"time of a database":     func(o object) { o["action_time"] = "2026-11-26 12:39:02.076419" },
		"time of another zone":   func(o object) { o["action_time"] = "2026-11-26T12:39:02+01:00" },
		"time in nanoseconds":    func(o object) { o["recorded_at"] = "2026-11-26T12:39:02.123456789Z" },
		"time as a number":       func(o object) { o["recorded_at"] = json.Number("1764160742") },
		"status in lower case":   func(o object) { o["status"] = "success" },
		"another source":         func(o object) { o["source"] = "guessed" },
		"blank action":           func(o object) { o["action_type"] = " " },
		"trace in capitals":      func(o object) { o["trace_id"] = strings.ToUpper(o["trace_id"].(string)) },
		"short span":             func(o object) { o["span_id"] = "457c" },
		"data as a text":         func(o object) { o["data"] = "{}" },
		"data as a list":         func(o object) { o["data"] = []any{} },
		"no data":                func(o object) { o["data"] = nil },
		"a change of one value":  func(o object) { o["data"].(object)["changes"].(object)["title"] = []any{"Up"} },
		"a change without list":  func(o object) { o["data"].(object)["changes"].(object)["title"] = "Up" },
		"a parent that is text":  func(o object) { o["data"].(object)["parent"] = "user 3" },
		"a grandparent's type":   func(o object) { o["data"].(object)["parent"].(object)["parent"].(object)["type"] = true },
		"an object that is text": func(o object) { o["data"].(object)["objects"] = []any{"article 18"} },
		"verified as text":       func(o object) { o["data"].(object)["actor_verified"] = "no" },
		"cut as text":            func(o object) { o["data"].(object)["activity.cut"] = "object_id" },
		"cut of nothing":         func(o object) { o["data"].(object)["activity.cut"] = []any{} },
		"a count of one":         func(o object) { o["data"].(object)["count"] = json.Number("1") },
		"a batch that is none":   func(o object) { o["data"].(object)["batch_id"] = false },
	}
	for _, c := range activity.Columns() {
		if c.Kind == activity.ColumnText {
			mutations["empty "+c.Name] = func(o object) { o[c.Name] = "" }
			mutations[c.Name+" as a number"] = func(o object) { o[c.Name] = json.Number("7") }
		}
	}
	for _, column := range []string{"actor_id", "actor_type", "action_type", "object_type", "object_id"} {
		mutations["long "+column] = func(o object) { o[column] = long }
	}
	for _, column := range parsed(t, schema.Export()).Required {
		mutations["NULL in "+column] = func(o object) { o[column] = nil }
	}
	for name, change := range mutations {
		for id, s := range map[string]*jsonschema.Schema{
			"row": compiled(t, schema.RowID), "export": compiled(t, schema.ExportID), "chosen": compiled(t, schema.ExportID+"#/$defs/chosen"),
		} {
			o := decoded(t, full)
			change(o)
			if err := s.Validate(o); err == nil {
				t.Errorf("%s: the schema of %s takes it", name, id)
			}
		}
	}
	fits := decoded(t, full)
	fits["object_id"] = long[:len("😀")*255] // characters, not bytes
	if err := compiled(t, schema.RowID).Validate(fits); err != nil {
		t.Error(err)
	}
}
