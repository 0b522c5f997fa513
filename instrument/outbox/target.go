package outbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
)

// Limits of the exporter's table. outboxtest compares what they do with the exporter.
const (
	longest   = 255  // characters of an indexed column
	wholeText = 4096 // bytes of a value that was cut and is still whole in data

	repairedKey = "activity.repaired"
)

// indexed are the columns that hold at most 255 characters, with their attributes.
var indexed = map[string]string{
	"actor_id": activity.ActorIDKey, "actor_type": activity.ActorTypeKey, "action_type": activity.ActionTypeKey,
	"status": activity.StatusKey, "object_type": activity.ObjectTypeKey, "object_id": activity.ObjectIDKey, "source": activity.SourceKey,
}

// targetColumns are the columns that a row is written with, all except recorded_at,
// which is the database's own.
func targetColumns() []string {
	var names []string
	for _, c := range activity.Columns() {
		if c.Name != columnWritten {
			names = append(names, c.Name)
		}
	}
	return names
}

// writeTarget writes the row of the activity log. A row that exists stays as it is.
func (b *Outbox) writeTarget(ctx context.Context, tx Tx, r *record) error {
	args, err := b.targetArgs(r)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, b.dialect.insertTarget(b.target), args...)
	return err
}

// targetArgs returns the values of the columns: what the exporter would write for the
// log record.
func (b *Outbox) targetArgs(r *record) ([]any, error) {
	text, data, err := b.fit(r)
	if err != nil {
		return nil, err
	}
	columns := targetColumns()
	args := make([]any, len(columns))
	for i, column := range columns {
		switch column {
		case columnID:
			args[i] = r.id.String()
		case columnTime:
			args[i] = b.dialect.time(r.id.Time())
		case columnData:
			args[i] = data
		default:
			if text[column] != "" {
				args[i] = text[column]
			}
		}
	}
	return args, nil
}

// fit returns the columns as the table can hold them, and the column data, which lists
// what was changed.
func (b *Outbox) fit(r *record) (text map[string]string, data string, err error) {
	text = make(map[string]string, len(r.text)+1)
	notes := make(map[string]any) // what the exporter says of a row
	var repaired, cut []string
	for _, column := range targetColumns() {
		value := r.text[column]
		if column == columnService {
			service, _ := b.resource.Set().Value(activity.ServiceNameKey)
			value = service.AsString()
		}
		value = tidy(column, value, notes)
		fixed := false
		if value = repair(value, &fixed); fixed {
			repaired = append(repaired, column)
		}
		if key := indexed[column]; key != "" && utf8.RuneCountInString(value) > longest {
			notes[key] = wholeOf(value)
			value = string([]rune(value)[:longest])
			cut = append(cut, column)
		}
		text[column] = value
	}
	members, changed := fitData(r.data, notes)
	if changed {
		repaired = append(repaired, columnData)
	}
	if len(repaired) > 0 {
		members[repairedKey] = repaired
	}
	if len(cut) > 0 {
		slices.Sort(cut)
		members[activity.CutKey] = cut
	}
	data, err = marshal(members)
	return text, data, err
}

// tidy returns the text of a column as the processor makes it. An unknown status is
// replaced, and noted.
func tidy(column, text string, notes map[string]any) string {
	if column == columnRemarks {
		return text
	}
	text = strings.TrimSpace(text)
	switch column {
	case "action_type":
		known, _ := activity.ParseActionType(text)
		return string(known)
	case "client_address":
		return activity.CleanAddress(text)
	case "status":
		known, ok := activity.ParseStatus(text)
		if !ok {
			notes[activity.OriginalStatusKey] = text
			known = activity.StatusSuccess
		}
		return string(known)
	}
	return text
}

// fitData returns the members of data and of notes, and whether a text was repaired.
// Names that only a collector or the exporter may set get another name.
func fitData(data, notes map[string]any) (members map[string]any, changed bool) {
	fitted, _ := mapped(data, short, func(s string) string { return repair(s, &changed) }).(map[string]any)
	members = make(map[string]any, len(fitted)+len(notes))
	for name, value := range fitted {
		if _, noted := notes[name]; noted || slices.Contains(reserved, name) {
			name += ".original"
		}
		members[name] = value
	}
	maps.Copy(members, notes)
	return members, changed
}

// reserved are the members of data that a service cannot set.
var reserved = []string{activity.SenderName, activity.ActorVerifiedName, activity.ForgedKey,
	activity.DroppedAttributesKey, activity.DroppedMembersKey, repairedKey}

// wholeOf returns a value that was cut, or its length and hash if it is too long.
func wholeOf(value string) string {
	if len(value) > wholeText {
		return fmt.Sprintf("%d bytes, SHA-256 %x", len(value), sha256.Sum256([]byte(value)))
	}
	return value
}

// repair replaces each NUL, which PostgreSQL does not take. The text is UTF-8 already.
func repair(text string, changed *bool) string {
	if !strings.Contains(text, "\x00") {
		return text
	}
	*changed = true
	return strings.ReplaceAll(text, "\x00", "\uFFFD")
}

// short writes a number as the exporter does.
func short(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
