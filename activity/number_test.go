package activity_test

import (
	"encoding/json"
	"testing"

	"github.com/otelactivity/activitylog/activity"
)

func TestJSONNumber(t *testing.T) {
	for text, want := range map[string]any{
		"0":                     int64(0),
		"-17":                   int64(-17),
		"9223372036854775807":   int64(9223372036854775807),
		"1.5":                   1.5,
		"0.1":                   0.1,
		"-0.25":                 -0.25,
		"1.50":                  1.5,
		"1e3":                   1000.0,
		"1E-7":                  1e-7,
		"1e300":                 1e300,
		"9223372036854775808":   "9223372036854775808",
		"18446744073709551615":  "18446744073709551615",
		"9007199254740993.5":    "9007199254740993.5",
		"0.1000000000000000055": "0.1000000000000000055",
		"1e999":                 "1e999",
	} {
		if got := activity.JSONNumber(json.Number(text)); got != want {
			t.Errorf("%s: got %v (%T), want %v (%T)", text, got, got, want, want)
		}
	}
}
