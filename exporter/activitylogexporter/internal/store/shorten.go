package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// shortText is the most bytes of a value that a shortened row has.
const shortText = 4096

// shortened returns a row with the beginnings of its long values, and what they
// were, for a dead letter table that does not take the whole.
func shortened(r *row.Row) *row.Row {
	short := *r
	for i, text := range r.Text {
		if len(text) <= shortText {
			continue
		}
		short.Text[i] = fmt.Sprintf("%s… (cut, of %d bytes)", strings.ToValidUTF8(text[:shortText], ""), len(text))
		if i == row.Data { // which must stay an object
			object, _ := json.Marshal(map[string]string{"activity.cut": short.Text[i]}) // of strings: it cannot fail
			short.Text[i] = string(object)
		}
	}
	return &short
}
