package export

import (
	"bufio"
	"fmt"
	"io"

	"github.com/otelactivity/activitylog/reader"
)

// Stream writes rows to a writer.
type Stream struct {
	out   *counter
	rows  int64
	inner encoder
}

// encoder writes rows in one format.
type encoder interface {
	write(row *reader.Row) error

	// flush writes all rows so that the encoder of another process could go on.
	flush() error

	// finish ends the file, after flush.
	finish() error
}

// NewStream returns a stream of options that were checked. It must be finished.
func NewStream(w io.Writer, o Options) *Stream {
	return newStream(w, 0, o)
}

// newStream returns a stream that goes on after n bytes.
func newStream(w io.Writer, n int64, o Options) *Stream {
	s := &Stream{out: &counter{w: bufio.NewWriterSize(w, bufferSize), n: n}}
	if o.Format == Parquet {
		s.inner = newParquet(s.out, o)
		return s
	}
	e := &textEncoder{out: &compressor{out: s.out, kind: o.Compression}, empty: n == 0}
	if o.Format == CSV {
		e.csv = newCSV(o)
		e.lines = e.csv
	} else {
		e.lines = newJSONL(o)
	}
	s.inner = e
	return s
}

const bufferSize = 256 << 10

// Write adds a row.
func (s *Stream) Write(row *reader.Row) error {
	if err := s.inner.write(row); err != nil {
		return fmt.Errorf("write the row %s: %w", row.EventID, err)
	}
	s.rows++
	return nil
}

// Flush writes all rows that were added.
func (s *Stream) Flush() error {
	if err := s.inner.flush(); err != nil {
		return err
	}
	return s.out.w.Flush()
}

// Finish writes the rest.
func (s *Stream) Finish() error {
	if err := s.inner.flush(); err != nil {
		return err
	}
	if err := s.inner.finish(); err != nil {
		return err
	}
	return s.out.w.Flush()
}

// Rows is how many rows were added.
func (s *Stream) Rows() int64 { return s.rows }

// Formulas is how many values of CSV a spreadsheet would take for a formula, as far as
// this process has written them.
func (s *Stream) Formulas() int64 {
	if text, ok := s.inner.(*textEncoder); ok && text.csv != nil {
		return text.csv.formulas
	}
	return 0
}

// counter counts the bytes that go through it.
type counter struct {
	w *bufio.Writer
	n int64
}

// Write implements [io.Writer].
func (c *counter) Write(text []byte) (int, error) {
	n, err := c.w.Write(text)
	c.n += int64(n)
	return n, err
}

// lines appends rows to text.
type lines interface {
	head(b []byte) []byte
	row(b []byte, row *reader.Row) ([]byte, error)
}

// textEncoder writes CSV and JSON lines.
type textEncoder struct {
	out   *compressor
	lines lines
	csv   *csvRows // the lines, if they are CSV
	buf   []byte
	empty bool // nothing was written
}

// write implements [encoder].
func (e *textEncoder) write(row *reader.Row) (err error) {
	if e.empty {
		e.empty = false
		e.buf = e.lines.head(e.buf)
	}
	if e.buf, err = e.lines.row(e.buf, row); err != nil {
		return err
	}
	if len(e.buf) < bufferSize/4 {
		return nil
	}
	return e.drain()
}

func (e *textEncoder) drain() error {
	if len(e.buf) == 0 {
		return nil
	}
	_, err := e.out.Write(e.buf)
	e.buf = e.buf[:0]
	return err
}

// flush implements [encoder].
func (e *textEncoder) flush() error {
	if err := e.drain(); err != nil {
		return err
	}
	return e.out.end()
}

// finish implements [encoder]. A file without rows has the names of its columns, and if
// it is compressed, something to uncompress.
func (e *textEncoder) finish() error {
	if !e.empty {
		return nil
	}
	e.empty = false
	e.buf = e.lines.head(e.buf)
	if err := e.out.begin(); err != nil {
		return err
	}
	return e.flush()
}
