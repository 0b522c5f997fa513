package lookup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/otelactivity/activitylog/internal/identity/valuetext"
)

// lines counts the lines of the bytes read through it, to find the line of an offset.
type lines struct {
	in      io.Reader
	read    int64
	newline []int64 // offsets of the line ends since the last call of at
	line    int     // result of the last call of at
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i := 0; ; {
		next := bytes.IndexByte(p[i:n], '\n')
		if next < 0 {
			break
		}
		i += next + 1
		l.newline = append(l.newline, l.read+int64(i)-1)
	}
	l.read += int64(n)
	return n, err
}

// at returns the line of an offset, which must not be before that of the last call.
func (l *lines) at(offset int64) int {
	n := 0
	for n < len(l.newline) && l.newline[n] < offset {
		n++
	}
	l.newline = l.newline[n:]
	l.line += n
	return l.line + 1
}

// json reads an array of objects, or, without the brackets, one after another. The
// line of an error is the one on which its object ends.
func (r *reader) json(in io.Reader, array bool) error {
	count := &lines{in: in}
	decoder := json.NewDecoder(count)
	decoder.UseNumber()
	if array {
		if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
			return r.bad(1, errors.Join(errors.New("must be an array of objects"), err))
		}
	}
	seen := make(map[string]bool, len(r.columns))
	for decoder.More() {
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			return r.bad(count.at(failedAt(decoder, err)), err)
		}
		if err := r.object(object, seen); err != nil {
			return r.bad(count.at(decoder.InputOffset()), err)
		}
		count.at(decoder.InputOffset()) // forgets the lines before
	}
	if array {
		if _, err := decoder.Token(); err != nil {
			return r.bad(count.at(decoder.InputOffset()), fmt.Errorf("the array does not end: %w", err))
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return r.bad(count.at(decoder.InputOffset()), errors.New("there is more after the array"))
		}
	}
	for _, column := range r.columns {
		if !seen[column] && r.table.rows > 0 {
			return r.bad(1, fmt.Errorf("no object has a member %q", column))
		}
	}
	return nil
}

// failedAt is the offset at which the decoder failed.
func failedAt(decoder *json.Decoder, err error) int64 {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return syntax.Offset
	}
	return decoder.InputOffset()
}

// object adds one object, and notes in seen which of the columns it has.
func (r *reader) object(object map[string]any, seen map[string]bool) error {
	var wrong error
	member := func(name string) string {
		value, ok := object[name]
		if ok {
			seen[name] = true
		}
		text, err := valuetext.OfJSON(value)
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("member %q: %w", name, err)
		}
		return text
	}
	key := make([]string, len(r.keys))
	for i, name := range r.keys {
		key[i] = member(name)
	}
	values := make([]string, len(r.columns))
	for i, name := range r.columns {
		values[i] = member(name)
	}
	if wrong != nil {
		return wrong
	}
	return r.add(func(i int) string { return key[i] }, func(i int) string { return values[i] })
}
