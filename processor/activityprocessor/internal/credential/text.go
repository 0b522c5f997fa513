package credential

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// text has the different values of a header.
type text struct {
	values  []string
	unclear bool // too much to be read
}

const (
	maxHeader = 16 << 10 // the longest value that is read, in bytes
	maxValues = 32
)

func (t *text) add(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		t.addText(v.Str())
	case pcommon.ValueTypeSlice:
		for _, one := range v.Slice().All() {
			t.addOne(record.Text(one))
		}
	}
}

// addText adds a text, which may be a list written as JSON.
func (t *text) addText(s string) {
	var list []string
	if strings.HasPrefix(s, `["`) && len(s) <= maxHeader && json.Unmarshal([]byte(s), &list) == nil {
		for _, one := range list {
			t.addOne(strings.TrimSpace(one))
		}
		return
	}
	t.addOne(strings.TrimSpace(s))
}

func (t *text) addOne(s string) {
	switch {
	case s == "" || slices.Contains(t.values, s):
	case len(s) > maxHeader || len(t.values) == maxValues:
		t.unclear = true
	default:
		t.values = append(t.values, s)
	}
}

// one returns the value, if there is just one: of two, nobody knows which one the server
// has read.
func (t *text) one() string {
	if t.unclear || len(t.values) != 1 {
		return ""
	}
	return t.values[0]
}

// several reports whether there is more than one value.
func (t *text) several() bool { return t.unclear || len(t.values) > 1 }

// maxID is the longest id, name or tenant, in bytes.
const maxID = 512

// isID reports whether a text can be the id of somebody. Applications have 0 and -1 for
// visitors.
func isID(s string) bool { return !record.IsVisitor(s) && isText(s) }

// isText reports whether a text can be an id, a name or a tenant.
func isText(s string) bool {
	if s == "" || len(s) > maxID || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	return !record.IsNobody(s)
}
