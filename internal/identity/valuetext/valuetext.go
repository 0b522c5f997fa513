// Package valuetext returns attribute values as text: one form for ids, rules, lookups,
// redaction and rows.
package valuetext

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Of returns v as text: 17 and 17.0 are "17", true is "true", a map or a list is JSON,
// and an empty value is "". Unlike [pcommon.Value.AsString], it has a text for each map
// and list: JSON has no NaN and no infinity, so there they are strings.
func Of(v pcommon.Value) string {
	text := v.AsString()
	if text != "" {
		return text
	}
	switch v.Type() {
	case pcommon.ValueTypeMap, pcommon.ValueTypeSlice:
		return marshal(finite(v.AsRaw()))
	}
	return ""
}

// Trimmed returns the text of v without white space around it.
func Trimmed(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr { // nearly always
		return Trim(v.Str())
	}
	return Trim(Of(v))
}

// Trim returns s without white space around it. It is [strings.TrimSpace], faster where
// there is none.
func Trim(s string) string {
	if n := len(s); n == 0 || isPrint(s[0]) && isPrint(s[n-1]) { // nearly always
		return s
	}
	return strings.TrimSpace(s)
}

// isPrint reports whether c is an ASCII character other than white space.
func isPrint(c byte) bool { return c > ' ' && c < 0x7f }

// OfJSON returns a value of JSON, decoded with [json.Decoder.UseNumber], in the form of
// an attribute with that value. A list and an object are errors.
func OfJSON(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return Of(pcommon.NewValueDouble(f)), nil
		}
		return v.String(), nil
	}
	return "", errors.New("must be a text, a number or a boolean")
}

// finite replaces numbers that JSON does not have by strings.
func finite(raw any) any {
	switch v := raw.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
	case []any:
		for i := range v {
			v[i] = finite(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = finite(v[key])
		}
	}
	return raw
}

func marshal(raw any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(raw) != nil {
		return "" // only what finite replaces cannot be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
