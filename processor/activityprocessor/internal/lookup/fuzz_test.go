package lookup

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRead reads arbitrary files: an error names a line that the file has, and what
// was read is found again.
func FuzzRead(f *testing.F) {
	f.Add("id,name\n1,a\n\"2\n\",b\n")
	f.Add(`[{"id": 1, "name": "a"}, {"id": 2.5e3, "name": null}]`)
	f.Add("{\"id\": true}\n{\"id\": []}\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range []Format{formatCSV, formatJSON, formatJSONL} {
			r := &reader{path: "f", keys: []string{"id"}, columns: []string{"name"}, table: newTable(0)}
			var err error
			if format == formatCSV {
				err = r.csv(withoutBOM(strings.NewReader(text)))
			} else {
				err = r.json(withoutBOM(strings.NewReader(text)), format == formatJSON)
			}
			if err != nil {
				var wrong *fileError
				require.ErrorAs(t, err, &wrong)
				require.GreaterOrEqual(t, wrong.line, 1)
				require.LessOrEqual(t, wrong.line, strings.Count(text, "\n")+1)
			}
			for offset, n := 0, 0; n < r.table.rows; n++ {
				key, next := r.table.field(offset)
				value, after := r.table.field(next)
				found, ok := r.table.find(string(key))
				require.True(t, ok)
				require.Equal(t, string(value), string(found))
				offset = after
			}
		}
	})
}
