package reader

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"github.com/otelactivity/activitylog/activity"
)

// Cursor is a place between two rows, and a direction. It is text for a URL, and what is
// in it is for this package to know. It stays valid when rows are added or deleted, and
// belongs to no query: the same place can be read with another one.
type Cursor string

// ErrCursor is the error of a text that is no [Cursor].
var ErrCursor = errors.New("the cursor is not one of this reader")

// position is the place of a row: its time and id. The time is a function of the id,
// but rows that others wrote may have another one, and they must not be lost.
type position struct {
	micros int64 // action_time, since 1970
	id     activity.ID
}

// time returns the time of the row.
func (p position) time() time.Time { return time.UnixMicro(p.micros).UTC() }

// The first byte of a cursor is the version of its form and its direction.
const (
	cursorOlder = 0x10
	cursorNewer = 0x11
)

const cursorSize = 1 + 8 + 16

// cursor returns the cursor for the rows before or after p, in the order of time.
func (p position) cursor(older bool) Cursor {
	b := make([]byte, 1, cursorSize)
	b[0] = cursorNewer
	if older {
		b[0] = cursorOlder
	}
	b = binary.BigEndian.AppendUint64(b, uint64(p.micros))
	b = append(b, p.id[:]...)
	return Cursor(base64.RawURLEncoding.EncodeToString(b))
}

// Check returns [ErrCursor] if c is no cursor, without asking a database.
func (c Cursor) Check() error {
	_, _, err := c.parse()
	return err
}

// parse returns what [position.cursor] was made of.
func (c Cursor) parse() (p position, older bool, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(c))
	if err != nil || len(b) != cursorSize || b[0] != cursorOlder && b[0] != cursorNewer {
		return p, false, ErrCursor
	}
	p.micros = int64(binary.BigEndian.Uint64(b[1:9]))
	copy(p.id[:], b[9:])
	if year := p.time().Year(); year < 1 || year > 9999 { // what a database cannot read
		return p, false, ErrCursor
	}
	return p, b[0] == cursorOlder, nil
}
