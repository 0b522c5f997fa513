package convert_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/table/row"
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

// kind is a value of OTLP, what a text column holds of it, and what it is as JSON.
type kind struct {
	Why    string
	Value  json.RawMessage
	Text   string
	Data   string
	Object string // the column data if this is activity.data, where it is an object
}

// recordOf returns a log record with the value wherever a record may have one.
func (k *kind) recordOf(t *testing.T, key string) plog.Logs {
	t.Helper()
	attribute := fmt.Sprintf(`{"key":%q,"value":%s}`, key, k.Value)
	action := `{"key":"activity.action.type","value":{"stringValue":"Read"}}`
	if key == activity.ActionTypeKey {
		action = attribute
	} else if key != "" {
		action += "," + attribute
	}
	around := fmt.Sprintf(`{"key":"service.name","value":%s}`, k.Value)
	text := fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[%s,{"key":"of.resource","value":%s}]},
		"scopeLogs":[{"scope":{"attributes":[{"key":"of.scope","value":%[2]s}]},"logRecords":[{"body":%[2]s,"attributes":[%s,
		{"key":"of.record","value":%[2]s}]}]}]}]}`, around, k.Value, action)
	ld, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return ld
}

// instead are the columns that are not empty when what they come from is.
var instead = map[string]string{"action_type": "Unknown", "status": "Success", "source": "declared"}

// TestKindsOfValues puts each kind of value into each column that an attribute has,
// into the body and into the service's name.
func TestKindsOfValues(t *testing.T) {
	for _, k := range readTable[kind](t, "values.json", 40) {
		for _, c := range activity.Columns() {
			i := slices.Index(row.Names[:], c.Name)
			if i < 0 || c.Key == "" || i == row.Data || i == row.ServiceName || i == row.Remarks {
				continue
			}
			want := k.Text
			if blank := strings.TrimSpace(want) == ""; want == "" || blank && i == row.ActionType {
				want = instead[c.Name]
			}
			r := (&convert.Converter{}).Logs(k.recordOf(t, c.Key)).Rows[0]
			if got := r.Text[i]; got != want {
				t.Errorf("%s as %s: got %q, want %q", k.Why, c.Name, got, want)
			}
			for _, other := range []int{row.Remarks, row.ServiceName} {
				if got := r.Text[other]; got != k.Text {
					t.Errorf("%s as %s: got %q, want %q", k.Why, row.Names[other], got, k.Text)
				}
			}
		}
	}
}

// TestKindsOfData puts each kind of value into the column data: as activity.data, as
// one of its members, and by data_attributes of the record, its scope and its
// resource.
func TestKindsOfData(t *testing.T) {
	for _, k := range readTable[kind](t, "values.json", 40) {
		want := k.Object
		if want == "" {
			want = `{"value":` + k.Data + `}`
		}
		if got := (&convert.Converter{}).Logs(k.recordOf(t, activity.DataKey)).Rows[0].Text[row.Data]; got != want {
			t.Errorf("%s as data: got %s, want %s", k.Why, got, want)
		}
		c := convert.Converter{DataAttributes: []string{"of.scope", "of.record", "of.nothing", "of.resource"}}
		want = fmt.Sprintf(`{"of.scope":%s,"of.record":%[1]s,"of.resource":%[1]s}`, k.Data)
		if got := c.Logs(k.recordOf(t, "")).Rows[0].Text[row.Data]; got != want {
			t.Errorf("%s by data_attributes: got %s, want %s", k.Why, got, want)
		}
		member := kind{Value: json.RawMessage(fmt.Sprintf(`{"kvlistValue":{"values":[{"key":"k","value":%s}]}}`, k.Value))}
		want = `{"k":` + k.Data + `}`
		if got := (&convert.Converter{}).Logs(member.recordOf(t, activity.DataKey)).Rows[0].Text[row.Data]; got != want {
			t.Errorf("%s as a member: got %s, want %s", k.Why, got, want)
		}
	}
}
