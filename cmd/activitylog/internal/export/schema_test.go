package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/clitest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

// compiled returns one of the schemas, or a part of it.
func compiled(t *testing.T, id string) *jsonschema.Schema {
	t.Helper()
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
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// possible are rows as the exporter may write them: those of the story, many, and those of
// [rows] whose columns it would not leave empty or fill with anything.
func possible() []reader.Row {
	all := append(clitest.Rows(), clitest.Many(50)...)
	for i, r := range rows(300) {
		if r.ActionType = activity.ActionType(strings.TrimSpace(string(r.ActionType))); r.ActionType == "" {
			r.ActionType = activity.ActionUnknown
		}
		r.TraceID, r.SpanID = "", ""
		if i%2 == 0 {
			r.TraceID, r.SpanID = fmt.Sprintf("%032x", i+1), fmt.Sprintf("%016x", i+1)
		}
		if !json.Valid(r.Data) {
			r.Data = json.RawMessage(`{}`)
		}
		all = append(all, r)
	}
	for i := range all {
		if all[i].RecordedAt.IsZero() {
			all[i].RecordedAt = all[i].ActionTime
		}
	}
	return all
}

// TestSchema validates each line of exports with the published schemas, whole rows and chosen
// columns.
func TestSchema(t *testing.T) {
	all := possible()
	for _, c := range []struct {
		id      string
		columns []string
	}{
		{schema.ExportID, nil},
		{schema.ExportID + "#/$defs/chosen", []string{"recorded_at", "actor_id", "data", "trace_id", "action_type"}},
	} {
		s := compiled(t, c.id)
		lines := bytes.Split(bytes.TrimSpace(write(t, Options{Format: JSONL, Columns: c.columns}, all)), []byte("\n"))
		if len(lines) != len(all) {
			t.Fatalf("%d lines, want %d", len(lines), len(all))
		}
		for _, line := range lines {
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(value); err != nil {
				t.Errorf("%.300s: %v", line, err)
			}
		}
	}
}

// TestSchemaRefuses has rows that only others than the collector write.
func TestSchemaRefuses(t *testing.T) {
	s := compiled(t, schema.ExportID)
	for name, change := range map[string]func(*reader.Row){
		"data that is no JSON":  func(r *reader.Row) { r.Data = json.RawMessage("no json") },
		"data that is a list":   func(r *reader.Row) { r.Data = json.RawMessage("[1]") },
		"another status":        func(r *reader.Row) { r.Status = "ok" },
		"an action without one": func(r *reader.Row) { r.ActionType = "" },
		"a trace in capitals":   func(r *reader.Row) { r.TraceID = strings.Repeat("0A", 16) },
		"a long object":         func(r *reader.Row) { r.ObjectID = strings.Repeat("x", 256) },
	} {
		all := possible()[:1]
		change(&all[0])
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(write(t, Options{Format: JSONL}, all)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}
