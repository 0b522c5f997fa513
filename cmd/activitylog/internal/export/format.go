// Package export writes rows to files: CSV, JSON lines and Parquet, compressed if wanted.
// A file that was interrupted can be continued, so that it has each row once.
package export

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
)

// Format is the form of a file.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	JSONL   Format = "jsonl" // a JSON object on each line
	Parquet Format = "parquet"
)

// Compression is how a file is compressed as a whole.
type Compression string

// The compressions. Parquet compresses by itself.
const (
	None Compression = ""
	Gzip Compression = "gzip"
	Zstd Compression = "zstd"
)

// Options say what a file has.
type Options struct {
	Format      Format
	Compression Compression

	// Columns are the columns; none are all of them.
	Columns []string

	// Spreadsheet writes CSV that a spreadsheet shows and does not run: see [Spreadsheet].
	Spreadsheet bool

	// Terminal writes out what a terminal would act on. JSON always does.
	Terminal bool
}

// Guess returns the format and compression of a file by its name, "rows.csv.gz". What
// the name does not say is "".
func Guess(name string) (Format, Compression) {
	name = strings.ToLower(name)
	compression := None
	switch filepath.Ext(name) {
	case ".gz":
		compression = Gzip
	case ".zst", ".zstd":
		compression = Zstd
	}
	if compression != None {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	switch filepath.Ext(name) {
	case ".csv":
		return CSV, compression
	case ".jsonl", ".ndjson":
		return JSONL, compression
	case ".parquet":
		return Parquet, compression
	}
	return "", compression
}

// Check returns what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.Format != CSV && o.Format != JSONL && o.Format != Parquet:
		return fmt.Errorf("the format must be one of csv, jsonl, parquet; got %.64q", string(o.Format))
	case o.Format == Parquet && o.Compression != None:
		return errors.New("parquet is compressed by itself: the name must end with .parquet")
	case o.Format == Parquet && o.Terminal:
		return errors.New("parquet cannot be shown on a terminal: name a file")
	case o.Format != CSV && o.Spreadsheet:
		return errors.New("only csv can be written for a spreadsheet")
	}
	if err := field.Check(o.Columns); err != nil {
		return fmt.Errorf("--columns %w", err)
	}
	return nil
}

// columns are the names of the columns of the file.
func (o Options) columns() []string {
	if len(o.Columns) > 0 {
		return o.Columns
	}
	return field.Names()
}

// getters are the functions for the columns of the file.
func (o Options) getters() (all []field.Func) {
	for _, name := range o.columns() {
		all = append(all, field.Of(name))
	}
	return all
}
