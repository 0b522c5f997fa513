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
	"github.com/otelactivity/activitylog/internal/jsonschematest"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/schema"
)

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
		s := jsonschematest.Compile(t, jsonschema.NewCompiler(), c.id)
		lines := bytes.Split(bytes.TrimSpace(write(t, Options{Format: JSONL, Columns: c.columns}, all)), []byte("\n"))
		if len(lines) != len(all) {
			t.Fatalf("%d lines, want %d", len(lines), len(all))
		}
		for _, line := range lines {
			if err := s.Validate(jsonschematest.Value(t, line)); err != nil {
				t.Errorf("%.300s: %v", line, err)
			}
		}
	}
}

// TestSchemaRefuses has rows that only others than the collector write.
func TestSchemaRefuses(t *testing.T) {
	s := jsonschematest.Compile(t, jsonschema.NewCompiler(), schema.ExportID)
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
		if err := s.Validate(jsonschematest.Value(t, write(t, Options{Format: JSONL}, all))); err == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}
