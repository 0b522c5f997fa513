package golden_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/rows"
)

const rowsSuffix = ".rows.json"

// file is one request and the rows that it must give.
type file struct {
	name     string
	request  []byte
	traces   map[string]bool
	rows     []rows.Row // in the order of their spans in the request
	rowsFile string     // where -update writes them; "": nowhere
	spans    []string   // ids in the order of the request
}

// newFile reads the ids in request, and the rows of the file next to it.
func newFile(t *testing.T, path string, request []byte) file {
	t.Helper()
	f := file{
		name:     strings.TrimSuffix(filepath.Base(path), ".json"),
		request:  request,
		traces:   map[string]bool{},
		rowsFile: strings.TrimSuffix(path, ".json") + rowsSuffix,
	}
	var ids struct {
		ResourceSpans []struct {
			ScopeSpans []struct {
				Spans []struct{ TraceID, SpanID string }
			}
		}
	}
	if err := json.Unmarshal(request, &ids); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	for _, rs := range ids.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, span := range ss.Spans {
				f.traces[span.TraceID] = true
				f.spans = append(f.spans, span.SpanID)
			}
		}
	}
	text, err := os.ReadFile(f.rowsFile)
	if *update && errors.Is(err, fs.ErrNotExist) {
		return f
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &f.rows); err != nil {
		t.Fatalf("read %s: %v", f.rowsFile, err)
	}
	return f
}

// compare checks that all, the rows of all files, hold those of f, and no
// other of its traces.
func (f *file) compare(t *testing.T, all []rows.Row) {
	t.Helper()
	got := f.own(all)
	if *update && f.rowsFile != "" {
		f.write(t, got)
		return
	}
	for _, want := range f.rows {
		row := got[want["span_id"]]
		delete(got, want["span_id"])
		if row == nil {
			t.Errorf("no row, want %v", want)
			continue
		}
		for _, column := range rows.Columns {
			if row[column] != want[column] {
				t.Errorf("span %s: %s is %q, want %q", want["span_id"], column, row[column], want[column])
			}
		}
	}
	for _, row := range got {
		t.Errorf("a row that should not be: %v", row)
	}
}

// own returns the rows of f by span id, without the columns that no file can
// know or that say nothing.
func (f *file) own(all []rows.Row) map[string]rows.Row {
	own := map[string]rows.Row{}
	for _, row := range all {
		if !f.traces[row["trace_id"]] {
			continue
		}
		row = maps.Clone(row)
		for _, column := range []string{"event_id", "action_time", "recorded_at"} {
			delete(row, column)
		}
		if row["data"] == "{}" {
			delete(row, "data")
		}
		own[row["span_id"]] = row
	}
	return own
}

// write writes the rows of f, one column a line, in the order of the table.
func (f *file) write(t *testing.T, own map[string]rows.Row) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("[")
	for _, span := range f.spans {
		row := own[span]
		if row == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(",")
		}
		b.WriteString("\n  {")
		columns := slices.DeleteFunc(slices.Clone(rows.Columns), func(column string) bool { return row[column] == "" })
		for i, column := range columns {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n    \"" + column + "\": ")
			value := json.NewEncoder(&b)
			value.SetEscapeHTML(false)
			if err := value.Encode(row[column]); err != nil {
				t.Fatal(err)
			}
			b.Truncate(b.Len() - 1) // Encode's line break
		}
		b.WriteString("\n  }")
	}
	if b.Len() > 1 {
		b.WriteString("\n")
	}
	b.WriteString("]\n")
	if err := os.WriteFile(f.rowsFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
