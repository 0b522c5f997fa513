package operate

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// parseRow reads a row from a JSON object of its columns: a line of an export, or the
// record of a dead letter. action_time, if it is there, must be the time in event_id,
// which is what the table has. recorded_at is the database's own.
func parseRow(text []byte) (r row.Row, err error) {
	columns, err := columnsOf(text)
	if err != nil {
		return r, err
	}
	if columns["event_id"] == nil {
		return r, errors.New("must have an event_id")
	}
	if err := setColumn(&r, "event_id", columns["event_id"]); err != nil { // first: reports name the row by it
		return r, err
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		if err := setColumn(&r, name, columns[name]); err != nil {
			return r, err
		}
	}
	if at := columns["action_time"]; at != nil {
		if err := checkTime(r.ID, at); err != nil {
			return r, err
		}
	}
	if r.Text[row.Data] == "" {
		r.Text[row.Data] = "{}"
	}
	for _, column := range []int{row.ActionType, row.Status, row.Source} {
		if r.Text[column] == "" {
			return r, fmt.Errorf("must have %s", row.Names[column])
		}
	}
	return r, nil
}

// columnsOf returns the members of a JSON object. None may be there twice: other programs
// that look at the file, as for a review, may show the other one.
func columnsOf(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("must be UTF-8")
	}
	notObject := errors.New("must be one JSON object of columns")
	decoder := json.NewDecoder(bytes.NewReader(text))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, notObject
	}
	columns := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, notObject
		}
		if _, twice := columns[name]; twice {
			return nil, fmt.Errorf("has the column %.64q twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, notObject
		}
		columns[name] = value
	}
	if _, err := decoder.Token(); err != nil { // its end
		return nil, notObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, notObject
	}
	return columns, nil
}

// decodeOne decodes text that is one JSON value. Numbers keep their digits.
func decodeOne(text []byte, to any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(to); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

func setColumn(r *row.Row, name string, value json.RawMessage) (err error) {
	i := slices.Index(row.Names[:], name)
	switch {
	case name == "event_id":
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return errors.New("event_id must be text")
		}
		if r.ID, err = activity.ParseID(text); err != nil {
			return fmt.Errorf("event_id %.64q: %w", text, err)
		}
		return nil
	case name == "action_time" || name == "recorded_at" || string(value) == "null":
		return nil
	case i < 0:
		return fmt.Errorf("there is no column %.64q", name)
	case i == row.Data:
		var compact bytes.Buffer
		if value[0] != '{' || json.Compact(&compact, value) != nil {
			return errors.New("data must be a JSON object")
		}
		r.Text[i] = compact.String()
		return nil
	}
	if err := json.Unmarshal(value, &r.Text[i]); err != nil {
		return fmt.Errorf("%s must be text", name)
	}
	if _, changed := row.Repair(r.Text[i]); changed {
		return fmt.Errorf("%s has a character that databases do not take", name)
	}
	return nil
}

func checkTime(id activity.ID, value json.RawMessage) error {
	var at time.Time
	if err := json.Unmarshal(value, &at); err != nil {
		return errors.New("action_time must be a time of RFC 3339")
	}
	if of := id.Time(); !at.Truncate(time.Microsecond).Equal(of) {
		return fmt.Errorf("action_time is %s, but must be the time in event_id, %s",
			at.UTC().Format(time.RFC3339Nano), of.UTC().Format(time.RFC3339Nano))
	}
	return nil
}

// rows reads the rows with these ids, as many as there are.
func (t *Table) rows(ctx context.Context, ids []activity.ID) (map[activity.ID]*row.Row, error) {
	there := map[activity.ID]*row.Row{}
	for part := range slices.Chunk(ids, t.dialect.MaxIDs()) {
		query, args := t.dialect.Rows(t.Name(), part)
		err := t.query(ctx, query, args, 1+row.Columns, func(values []any) error {
			r := &row.Row{}
			id, _ := uuid.Parse(textOf(values[0])) // one of those that were asked for
			r.ID = activity.ID(id)
			for i := range row.Columns {
				r.Text[i] = textOf(values[1+i])
			}
			there[r.ID] = r
			return nil
		})
		if err != nil {
			return nil, t.explain("read rows of "+t.Name(), err)
		}
	}
	return there, nil
}

// query calls do with each result of a query.
func (t *Table) query(ctx context.Context, query string, args []any, columns int, do func(values []any) error) error {
	return t.store.On(ctx, func(ctx context.Context, conn *sql.Conn) error {
		result, err := conn.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }()
		values, targets := make([]any, columns), make([]any, columns)
		for i := range values {
			targets[i] = &values[i]
		}
		for result.Next() {
			if err := result.Scan(targets...); err != nil {
				return err
			}
			if err := do(values); err != nil {
				return err
			}
		}
		return result.Err()
	})
}

// textOf returns a value of a column of text.
func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case *string:
		if v == nil {
			return ""
		}
		return *v
	}
	return fmt.Sprint(value)
}

// timeOf returns a value of a column of times, or the zero time.
func timeOf(value any) time.Time {
	switch v := value.(type) {
	case time.Time:
		return v.UTC()
	case *time.Time:
		if v != nil {
			return v.UTC()
		}
	case string, []byte:
		if at, err := time.Parse("2006-01-02 15:04:05.999999", textOf(v)); err == nil {
			return at
		}
	}
	return time.Time{}
}

// differences returns the names of the columns in which two rows differ.
func differences(a, b *row.Row) (names []string) {
	for i, name := range row.Names {
		x, y := a.Text[i], b.Text[i]
		if x != y && (i != row.Data || !sameJSON(x, y)) {
			names = append(names, name)
		}
	}
	return names
}

// sameJSON reports whether two texts are the same JSON. Databases write it in forms of
// their own: the order of keys, spaces, 1.0 for 1.
func sameJSON(x, y string) bool {
	var a, b any
	return decodeOne([]byte(x), &a) == nil && decodeOne([]byte(y), &b) == nil && sameValue(a, b)
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			if other, ok := b[key]; !ok || !sameValue(value, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(string(a), string(b))
	}
	return a == b
}

// sameNumber compares numbers by value. Those with a large exponent would take much
// memory, and are compared by their text.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	for _, text := range []string{a, b} {
		if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 3 {
			return false
		}
	}
	x, ok := new(big.Rat).SetString(a)
	y, too := new(big.Rat).SetString(b)
	return ok && too && x.Cmp(y) == 0
}
