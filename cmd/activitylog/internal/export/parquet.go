package export

import (
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/cmd/activitylog/internal/field"
	"github.com/otelactivity/activitylog/reader"
)

// segment is a part of a Parquet file that has all that a file has: magic bytes, rows and
// a footer. The whole file is segments, one after the other, and a footer for all their
// rows. Readers begin with that, and do not see the others.
//
// So a file can be continued: what a footer says of rows that were written before is in
// the footers of their segments.
type segment struct {
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

const (
	// segmentRows is how many rows a segment has, if it is not flushed before. They are
	// in memory until it is written.
	segmentRows = 20_000
	// parquetRows is how many rows are handed over at once.
	parquetRows = 500
)

// parquetEncoder writes Parquet.
type parquetEncoder struct {
	out      *counter
	schema   *parquet.Schema
	columns  []parquetColumn
	writer   *parquet.GenericWriter[any]
	begin    int64 // where the segment begins
	rows     int64 // of the segment
	batch    []parquet.Row
	segments []segment
	footer   format.FileMetaData // of all segments
}

type parquetColumn struct {
	name     string
	text     field.Func
	optional bool
}

func newParquet(out *counter, o Options) *parquetEncoder {
	p := &parquetEncoder{out: out}
	p.schema, p.columns = parquetSchema(o.columns())
	p.batch = make([]parquet.Row, 0, parquetRows)
	return p
}

// newWriter returns the writer of a segment. Each has its own: after a Reset, release
// 0.32.0 of the library writes the columns of row groups without their names.
func (p *parquetEncoder) newWriter() *parquet.GenericWriter[any] {
	return parquet.NewGenericWriter[any](p.out, p.schema, parquet.CreatedBy("activitylog", "", ""),
		parquet.DataPageStatistics(false), parquet.WriteBufferSize(0), parquet.PageBufferSize(64<<10))
}

// parquetSchema returns the schema of columns, in their order: times are timestamps in
// UTC, data is JSON, and all others are text, in dictionaries where few values are usual.
func parquetSchema(names []string) (*parquet.Schema, []parquetColumn) {
	var fields []reflect.StructField
	var columns []parquetColumn
	for _, name := range names {
		i := slices.IndexFunc(activity.Columns(), func(c activity.Column) bool { return c.Name == name })
		c := parquetColumn{name: name, text: field.Of(name), optional: activity.Columns()[i].Kind == activity.ColumnText}
		tag, kind := name+",zstd", reflect.TypeFor[string]()
		switch activity.Columns()[i].Kind {
		case activity.ColumnTime:
			tag, kind = name+",timestamp(microsecond),delta,zstd", reflect.TypeFor[int64]()
		case activity.ColumnJSON:
			tag += ",json"
		case activity.ColumnText:
			tag += ",optional"
			if !slices.Contains([]string{"trace_id", "span_id", "remarks"}, name) {
				tag += ",dict"
			}
		}
		columns = append(columns, c)
		fields = append(fields, reflect.StructField{
			Name: "C" + strings.ToUpper(name), Type: kind, Tag: reflect.StructTag(`parquet:"` + tag + `"`),
		})
	}
	return parquet.NewSchema("activity_log", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface())), columns
}

// write implements [encoder].
func (p *parquetEncoder) write(row *reader.Row) error {
	if p.rows == 0 {
		p.begin = p.out.n
		p.writer = p.newWriter()
	}
	p.rows++
	if n := len(p.batch); n < cap(p.batch) {
		p.batch = p.batch[:n+1]
		p.batch[n] = p.values(p.batch[n][:0], row)
	}
	if len(p.batch) == cap(p.batch) {
		if err := p.hand(); err != nil {
			return err
		}
	}
	if p.rows < segmentRows {
		return nil
	}
	return p.flush()
}

// values appends the values of a row.
func (p *parquetEncoder) values(values parquet.Row, row *reader.Row) parquet.Row {
	for i := range p.columns {
		c := &p.columns[i]
		var v parquet.Value
		switch c.name {
		case "action_time":
			v = parquet.Int64Value(row.ActionTime.UnixMicro())
		case "recorded_at":
			v = parquet.Int64Value(row.RecordedAt.UnixMicro())
		case "data":
			v = parquet.ByteArrayValue(row.Data)
		default:
			text := c.text(row)
			if text == "" && c.optional {
				values = append(values, parquet.NullValue().Level(0, 0, i))
				continue
			}
			v = parquet.ByteArrayValue(bytesOf(text))
		}
		level := 0
		if c.optional {
			level = 1
		}
		values = append(values, v.Level(0, level, i))
	}
	return values
}

// bytesOf returns the bytes of a text without a copy. The writer copies what it keeps, and
// changes nothing.
func bytesOf(text string) []byte {
	return unsafe.Slice(unsafe.StringData(text), len(text)) //nolint:gosec // see above
}

// hand hands the batch to the writer.
func (p *parquetEncoder) hand() error {
	_, err := p.writer.WriteRows(p.batch)
	p.batch = p.batch[:0]
	return err
}

// flush implements [encoder]: it ends the segment.
func (p *parquetEncoder) flush() error {
	if p.rows == 0 {
		return nil
	}
	if err := p.hand(); err != nil {
		return err
	}
	if err := p.writer.Close(); err != nil {
		return err
	}
	p.rows = 0
	p.segments = append(p.segments, segment{Offset: p.begin, Size: p.out.n - p.begin})
	return p.add(p.writer.File().Metadata(), p.begin)
}

// add adds the rows of a segment to the footer. Where its columns are is counted from the
// beginning of the segment, and from that of the file in the footer of the whole file. The
// indexes of pages have such places too, and are left out; the statistics of row groups
// serve readers as well.
func (p *parquetEncoder) add(written *format.FileMetaData, offset int64) error {
	text, err := thrift.Marshal(new(thrift.CompactProtocol), written)
	var of format.FileMetaData // a copy: the writer uses its own again
	if err == nil {
		err = thrift.Unmarshal(new(thrift.CompactProtocol), text, &of)
	}
	if err != nil {
		return fmt.Errorf("copy the footer: %w", err)
	}
	if len(p.footer.Schema) == 0 {
		p.footer = of
		p.footer.RowGroups, p.footer.NumRows = nil, 0
	}
	p.footer.NumRows += of.NumRows
	for _, group := range of.RowGroups {
		group.FileOffset += offset
		group.Ordinal = int16(len(p.footer.RowGroups))
		for i := range group.Columns {
			c := &group.Columns[i]
			c.OffsetIndexOffset, c.OffsetIndexLength, c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0, 0, 0
			c.MetaData.DataPageOffset += offset
			if c.FileOffset > 0 {
				c.FileOffset += offset
			}
			if c.MetaData.DictionaryPageOffset > 0 {
				c.MetaData.DictionaryPageOffset += offset
			}
		}
		p.footer.RowGroups = append(p.footer.RowGroups, group)
	}
	return nil
}

// finish implements [encoder]: it writes the footer of the whole file.
func (p *parquetEncoder) finish() error {
	if len(p.footer.Schema) == 0 { // no rows: an empty segment is a file
		return p.newWriter().Close()
	}
	text, err := thrift.Marshal(new(thrift.CompactProtocol), &p.footer)
	if err != nil {
		return fmt.Errorf("write the footer: %w", err)
	}
	text = binary.LittleEndian.AppendUint32(text, uint32(len(text)))
	_, err = p.out.Write(append(text, "PAR1"...))
	return err
}

// read reads what the footers of segments that are in the file say.
func (p *parquetEncoder) read(file io.ReaderAt, segments []segment) error {
	p.segments = segments
	for _, s := range segments {
		opened, err := parquet.OpenFile(io.NewSectionReader(file, s.Offset, s.Size), s.Size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return fmt.Errorf("read the rows at byte %d: %w", s.Offset, err)
		}
		if err := p.add(opened.Metadata(), s.Offset); err != nil {
			return err
		}
	}
	return nil
}
