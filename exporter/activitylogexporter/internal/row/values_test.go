package row_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// A text column holds what was sent, also where it is a list or a map with a number
// that JSON has not.
func TestNumbersThatJSONHasNot(t *testing.T) {
	r := record(func(r plog.LogRecord) {
		r.Body().SetEmptyMap().PutDouble("n", math.NaN())
		list := r.Attributes().PutEmptySlice(activity.ObjectNameKey)
		list.AppendEmpty().SetDouble(math.Inf(1))
		list.AppendEmpty().SetStr("x")
	})
	if got, want := r.Text[row.Remarks], `{"n":"NaN"}`; got != want {
		t.Errorf("remarks: got %q, want %q", got, want)
	}
	if got, want := r.Text[row.ObjectName], `["+Inf","x"]`; got != want {
		t.Errorf("object_name: got %q, want %q", got, want)
	}
}

// TestDataThatIsText compares the column data of records whose activity.data is a
// text with testdata/data.json.
func TestDataThatIsText(t *testing.T) {
	for _, c := range readTable[struct{ Why, Data, Want string }](t, "data.json", 60) {
		t.Run(c.Why, func(t *testing.T) {
			r := record(func(r plog.LogRecord) { r.Attributes().PutStr(activity.DataKey, c.Data) })
			if got := r.Text[row.Data]; got != c.Want {
				t.Errorf("data %s: got %s, want %s", c.Data, got, c.Want)
			}
		})
	}
}

// readTable returns the cases of a file in testdata, of which there are so many.
func readTable[T any](t *testing.T, name string, least int) (cases []T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cases); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(cases) < least {
		t.Fatalf("%s has %d cases, want %d at least", name, len(cases), least)
	}
	return cases
}
