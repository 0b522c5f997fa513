package lookup

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// reader reads the records of one file into a table.
type reader struct {
	path    string
	keys    []string // columns
	columns []string
	table   *table
	buf     []byte
	parts   []string
}

// fileError is an error in the content of a file, and where it is.
type fileError struct {
	path string
	line int
	err  error
}

func (e *fileError) Error() string { return fmt.Sprintf("%s:%d: %v", e.path, e.line, e.err) }
func (e *fileError) Unwrap() error { return e.err }

// readFile returns the table in a file.
func readFile(cfg *FileConfig, columns []string) (*table, error) {
	file, err := os.Open(string(cfg.Path))
	if err != nil {
		return nil, fmt.Errorf("open lookup file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("check lookup file: %w", err)
	}
	if info.Size() > int64(cfg.MaxBytes) {
		return nil, fmt.Errorf("read lookup file %s: it has %d bytes; file.max_bytes allows %d", cfg.Path, info.Size(), cfg.MaxBytes)
	}
	r := &reader{path: string(cfg.Path), keys: cfg.KeyColumns, columns: columns, table: newTable(info.Size() + info.Size()/16)}
	in := withoutBOM(io.LimitReader(file, int64(cfg.MaxBytes)))
	if cfg.format() == formatCSV {
		err = r.csv(in)
	} else {
		err = r.json(in, cfg.format() == formatJSON)
	}
	if err != nil {
		return nil, fmt.Errorf("read lookup file %w", err)
	}
	r.table.pack()
	return r.table, nil
}

// withoutBOM skips the byte order mark that spreadsheets write.
func withoutBOM(in io.Reader) io.Reader {
	buffered := bufio.NewReaderSize(in, 1<<16)
	if start, _ := buffered.Peek(3); bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	return buffered
}

func (r *reader) bad(line int, err error) error {
	return &fileError{path: r.path, line: line, err: err}
}

// csv reads a table whose first line names the columns.
func (r *reader) csv(in io.Reader) error {
	records := csv.NewReader(in)
	records.ReuseRecord = true
	header, err := records.Read()
	if err != nil {
		return r.bad(1, fmt.Errorf("read the line with the names of the columns: %w", err))
	}
	keys, err := positions(header, r.keys)
	if err != nil {
		return r.bad(1, err)
	}
	columns, err := positions(header, r.columns)
	if err != nil {
		return r.bad(1, err)
	}
	for {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			return r.bad(wrong.Line, wrong.Err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		line, _ := records.FieldPos(0)
		if err := r.add(pick(record, keys), pick(record, columns)); err != nil {
			return r.bad(line, err)
		}
	}
}

// positions returns where in header the names are.
func positions(header, names []string) ([]int, error) {
	at := make([]int, len(names))
	for i, name := range names {
		at[i] = slices.IndexFunc(header, func(column string) bool { return strings.TrimSpace(column) == name })
		if at[i] < 0 {
			return nil, fmt.Errorf("no column %q; there are: %s", name, strings.Join(header, ", "))
		}
	}
	return at, nil
}

// pick returns a function that gives the i-th of the values at positions.
func pick(record []string, at []int) func(i int) string {
	return func(i int) string { return record[at[i]] }
}

// add adds a record with the values of its key columns and of its other columns.
func (r *reader) add(key, value func(i int) string) error {
	r.parts = r.parts[:0]
	for i, column := range r.keys {
		part := strings.TrimSpace(key(i))
		if part == "" {
			return fmt.Errorf("the key is blank: column %q", column)
		}
		r.parts = append(r.parts, part)
	}
	r.buf = r.buf[:0]
	for i, column := range r.columns {
		text := strings.TrimSpace(value(i))
		if !utf8.ValidString(text) {
			return fmt.Errorf("column %q is not UTF-8", column)
		}
		r.buf = appendValue(r.buf, text)
	}
	return r.table.add(joinKey(r.parts), row(r.buf))
}
