package valuetext

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

func TestOf(t *testing.T) {
	for want, raw := range map[string]any{
		"":                                nil,
		" a\n":                            " a\n",
		"17":                              int64(17),
		"18":                              18.0,
		"1.5":                             1.5,
		"true":                            true,
		"AQI=":                            []byte{1, 2},
		`["x",1]`:                         []any{"x", int64(1)},
		`{"a":"<b>"}`:                     map[string]any{"a": "<b>"},
		"[]":                              []any{},
		"{}":                              map[string]any{},
		`["NaN","<"]`:                     []any{math.NaN(), "<"},
		`{"a":["+Inf"],"b":{"c":"-Inf"}}`: map[string]any{"b": map[string]any{"c": math.Inf(-1)}, "a": []any{math.Inf(1)}},
	} {
		v := pcommon.NewValueEmpty()
		if err := v.FromRaw(raw); err != nil {
			t.Fatal(err)
		}
		if got := Of(v); got != want {
			t.Errorf("Of(%v) = %q, want %q", raw, got, want)
		}
		if got := Trimmed(v); got != strings.TrimSpace(want) {
			t.Errorf("Trimmed(%v) = %q, want %q", raw, got, strings.TrimSpace(want))
		}
	}
}

// A value of JSON has the text of an attribute with it.
func TestOfJSON(t *testing.T) {
	for text, want := range map[string]string{
		`null`: "", `" a "`: " a ", `true`: "true", `17`: "17", `17.0`: "17", `1e3`: "1000", `1.5`: "1.5",
		`12345678901234567890`: "12345678901234567890",
	} {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if got, err := OfJSON(value); got != want || err != nil {
			t.Errorf("OfJSON(%s) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, value := range []any{[]any{}, map[string]any{}} {
		if _, err := OfJSON(value); err == nil {
			t.Errorf("OfJSON(%v): no error", value)
		}
	}
}

func TestTrim(t *testing.T) {
	for _, s := range []string{"", " ", "a", " a", "a\t", "\u00a0a", "a\u2003", "é", "\x7f", "a b"} {
		if got := Trim(s); got != strings.TrimSpace(s) {
			t.Errorf("Trim(%q) = %q", s, got)
		}
	}
}
