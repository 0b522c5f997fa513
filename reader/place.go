package reader

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// These are the places of columns in a [Row]. They take what a driver has for a column.
// NULL leaves them as they are.
type (
	idPlace   activity.ID
	timePlace time.Time
	dataPlace json.RawMessage
	textPlace string
)

// Scan implements [sql.Scanner].
func (p *textPlace) Scan(value any) error {
	switch v := value.(type) {
	case string:
		*p = textPlace(v)
	case []byte:
		*p = textPlace(v)
	case nil:
	default:
		return unexpected(v, "text")
	}
	return nil
}

// Scan implements [sql.Scanner].
func (p *dataPlace) Scan(value any) error {
	switch v := value.(type) {
	case string:
		*p = dataPlace(v)
	case []byte:
		*p = append(dataPlace{}, v...)
	case nil:
	default:
		return unexpected(v, "JSON")
	}
	return nil
}

// Scan implements [sql.Scanner].
func (p *timePlace) Scan(value any) (err error) {
	var at time.Time
	switch v := value.(type) {
	case time.Time:
		at = v.UTC()
	case string:
		at, err = parseTime(v)
	case []byte:
		at, err = parseTime(string(v))
	case nil:
		return nil
	default:
		err = unexpected(v, "a time")
	}
	*p = timePlace(at)
	return err
}

// Scan implements [sql.Scanner].
func (p *idPlace) Scan(value any) (err error) {
	var id activity.ID
	switch v := value.(type) {
	case string:
		id, err = ParseID(v)
	case []byte:
		id, err = ParseID(string(v))
	case [16]byte:
		id = v
	case nil:
		return nil
	default:
		err = unexpected(v, "a UUID")
	}
	*p = idPlace(id)
	return err
}

func unexpected(value any, want string) error {
	return fmt.Errorf("the driver has a %T where it must have %s", value, want)
}

// parseTime reads a time of the database, which is in UTC.
func parseTime(text string) (time.Time, error) {
	if at, ok := quickTime(text); ok {
		return at, nil
	}
	at, err := time.ParseInLocation(dialect.TimeLayout, text, time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time in the form %q", text, "2006-01-02 15:04:05.000000")
	}
	return at, nil
}

// quickTime reads the usual form, in a fifth of the time that package time needs.
func quickTime(text string) (time.Time, bool) {
	if len(text) != len("2006-01-02 15:04:05.000000") || text[4] != '-' || text[7] != '-' || text[10] != ' ' ||
		text[13] != ':' || text[16] != ':' || text[19] != '.' {
		return time.Time{}, false
	}
	ok := true
	number := func(from, to int) (n int) {
		for _, digit := range []byte(text[from:to]) {
			ok = ok && digit >= '0' && digit <= '9'
			n = n*10 + int(digit-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second, micro := number(11, 13), number(14, 16), number(17, 19), number(20, 26)
	if !ok || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	return at, at.Day() == day
}

// ParseID reads a UUID of 36 characters, in small or capital letters. Unlike
// [activity.ParseID] it takes any version: rows that others wrote are read, too.
func ParseID(text string) (id activity.ID, err error) {
	var digits [32]byte
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		n := copy(digits[:], text[:8])
		n += copy(digits[n:], text[9:13])
		n += copy(digits[n:], text[14:18])
		n += copy(digits[n:], text[19:23])
		copy(digits[n:], text[24:])
		if _, err := hex.Decode(id[:], digits[:]); err == nil {
			return id, nil
		}
	}
	return activity.ID{}, fmt.Errorf("%.64q is not a UUID", text)
}
