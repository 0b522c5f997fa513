package convert

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

const (
	// Longest is the most characters that an indexed column holds. PostgreSQL,
	// MySQL, MariaDB and SQLite count Unicode code points, and so do we. Four
	// bytes each, two such columns fit an index entry of PostgreSQL (2704 bytes)
	// and of InnoDB (3072 bytes).
	Longest = 255

	// wholeText is the most bytes of a cut value that data still holds whole.
	wholeText = 4096
)

// indexed are the columns that are in an index, or are VARCHAR(255), in some
// database. Source: the files in internal/table/dialect/schema.
var indexed = [...]int{row.ActorID, row.ActorType, row.ActionType, row.Status, row.ObjectType, row.ObjectID, row.Source}

// keys are the attribute keys of the indexed columns.
var keys = map[int]string{
	row.ActorID: activity.ActorIDKey, row.ActorType: activity.ActorTypeKey, row.ActionType: activity.ActionTypeKey,
	row.Status: activity.StatusKey, row.ObjectType: activity.ObjectTypeKey, row.ObjectID: activity.ObjectIDKey, row.Source: activity.SourceKey,
}

// cutText is a column that was cut, and the value that it came with.
type cutText struct {
	column int
	whole  string
}

// cutRow cuts the indexed columns to [Longest] characters and returns what it cut.
func cutRow(r *row.Row) (all []cutText) {
	for _, column := range indexed {
		if text := r.Text[column]; len(text) > Longest {
			if n := prefix(text, Longest); n < len(text) {
				r.Text[column] = text[:n]
				all = append(all, cutText{column, text})
			}
		}
	}
	return all
}

// prefix returns how many bytes the first n characters of s take.
func prefix(s string, n int) int {
	end := 0
	for ; n > 0 && end < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return end
}

// whole writes the value that a column came with before it was cut, under its
// attribute key. Of one that is too long for that it writes length and hash, so
// that two values with the same beginning can still be told apart.
func (o *object) whole(c cutText) {
	key := keys[c.column]
	if !o.first(key) {
		return
	}
	text := c.whole
	if len(text) > wholeText {
		text = fmt.Sprintf("%d bytes, SHA-256 %x", len(text), sha256.Sum256([]byte(text)))
	}
	o.key(key)
	o.string(text)
}

// namesOfCut returns the names of the columns that were cut: on the way here, as
// the attribute activity.cut or the entry of that name in activity.data says, and
// by us.
func namesOfCut(m *maker, cut []cutText) (names []string) {
	if m.cut != (pcommon.Value{}) {
		names = appendTexts(names, m.cut)
	}
	if m.data != (pcommon.Value{}) && m.data.Type() == pcommon.ValueTypeMap {
		if before, ok := m.data.Map().Get(activity.CutKey); ok {
			names = appendTexts(names, before)
		}
	}
	for _, c := range cut {
		names = append(names, row.Names[c.column])
	}
	if len(names) < 2 {
		return names
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// appendTexts appends the texts of a list, or a single text.
func appendTexts(names []string, v pcommon.Value) []string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		names = append(names, repaired(v.Str()))
	case pcommon.ValueTypeSlice:
		for _, element := range v.Slice().All() {
			names = append(names, repaired(element.AsString()))
		}
	}
	return names
}

func repaired(s string) string {
	s, _ = row.Repair(s)
	return s
}
