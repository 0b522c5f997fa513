package cli

import (
	"bytes"
	"encoding/json"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
)

// indented returns a value as JSON of several lines, for people.
func indented(value any) ([]byte, error) {
	text, err := field.JSON(value)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	return b.Bytes(), err
}
