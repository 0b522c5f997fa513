package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/internal/table/row"
)

// shortText is the most bytes of a value in a shortened row.
const shortText = 4096

// shortened returns a copy of a row in which long values are truncated and end with
// their original size, for a database that rejects the whole row as a dead letter.
func shortened(r *row.Row) *row.Row {
	short := *r
	for i, text := range r.Text {
		if len(text) <= shortText {
			continue
		}
		short.Text[i] = fmt.Sprintf("%s… (cut, of %d bytes)", strings.ToValidUTF8(text[:shortText], ""), len(text))
		if i == row.Data { // must stay an object
			object, _ := json.Marshal(map[string]string{"activity.cut": short.Text[i]}) // a map of strings cannot fail
			short.Text[i] = string(object)
		}
	}
	return &short
}
