package reader_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

// TestOtherData has that Changes and OtherData together are all of data.
func TestOtherData(t *testing.T) {
	for _, test := range []struct{ data, rest string }{
		{`{}`, `{}`},
		{`{"a":1}`, `{"a":1}`},
		{`{"a":1,"changes":{"title":["x","y"]}}`, `{"a":1}`},
		{`{"changes":{"title":["x","y"],"":[null,""],"<b>":[1,2]}}`, `{}`},
		{`{"changes":{"title":["x","y"],"three":[1,2,3],"one":["<b>"],"number":5,"null":null}}`,
			`{"changes":{"null":null,"number":5,"one":["<b>"],"three":[1,2,3]}}`},
		{`{"changes":{"three":[1,2,3]}}`, `{"changes":{"three":[1,2,3]}}`},
		{`{"changes":[1,2],"b":2}`, `{"b":2,"changes":[1,2]}`},
		{`{"changes":"text"}`, `{"changes":"text"}`},
		{`{"changes":null}`, `{"changes":null}`},
		{`{"changes":{"n":[12345678901234567890,1.50],"m":{"n":1.50}}}`, `{"changes":{"m":{"n":1.50}}}`},
	} {
		row := reader.Row{Data: json.RawMessage(test.data)}
		members, ok := row.OtherData()
		if got := encode(t, members); !ok || got != test.rest {
			t.Errorf("%s: got %s, %t; want %s", test.data, got, ok, test.rest)
		}
		if got, want := together(t, members, row.Changes()), encode(t, decode(t, test.data)); got != want {
			t.Errorf("%s: together they are %s", test.data, got)
		}
		if string(row.Data) != test.data {
			t.Errorf("%s: the row was changed, to %s", test.data, row.Data)
		}
	}
	for _, data := range []string{"", "null", "[1,2]", `"text"`, "no { json"} {
		if members, ok := (&reader.Row{Data: json.RawMessage(data)}).OtherData(); ok || members != nil {
			t.Errorf("%q: got %v, %t; want no object", data, members, ok)
		}
	}
}

// together puts changes back into the other members, and returns them as JSON.
func together(t *testing.T, members map[string]json.RawMessage, changes []reader.Change) string {
	t.Helper()
	all := decode(t, encode(t, members)).(map[string]any)
	if len(changes) == 0 {
		return encode(t, all)
	}
	fields, _ := all["changes"].(map[string]any)
	if fields == nil {
		fields = map[string]any{}
	}
	for _, c := range changes {
		fields[c.Field] = []any{decode(t, string(c.Before)), decode(t, string(c.After))}
	}
	all["changes"] = fields
	return encode(t, all)
}

// decode keeps the digits of numbers.
func decode(t *testing.T, text string) (value any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func encode(t *testing.T, value any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text.Bytes()))
}
