package field

import (
	"bytes"
	"encoding/json"

	"github.com/otelactivity/activitylog/reader"
)

// JSON writes a value on one line, with a line end, as far as JSON allows for as the
// database has it: without &, < and > as \u0026.
func JSON(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Fit makes sure that a row can be written as JSON. Data that is no JSON, which only
// others than the collector write, becomes a string of JSON.
func Fit(row *reader.Row) {
	if len(row.Data) > 0 && !json.Valid(row.Data) {
		row.Data, _ = json.Marshal(string(row.Data))
	}
}

// Object returns columns of a row as a JSON object on one line, in their order. What is
// NULL is null.
func Object(row *reader.Row, columns []string) ([]byte, error) {
	Fit(row)
	b := []byte{'{'}
	for i, column := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, column...)
		b = append(b, '"', ':')
		value, err := objectValue(row, column)
		if err != nil {
			return nil, err
		}
		b = append(b, bytes.TrimRight(value, "\n")...)
	}
	return append(b, '}', '\n'), nil
}

func objectValue(row *reader.Row, column string) ([]byte, error) {
	if column == "data" {
		return JSON(row.Data)
	}
	text := Of(column)(row)
	if text == "" {
		return []byte("null"), nil
	}
	return JSON(text)
}
