package bulk

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// postgres moves rows by the protocol of PostgreSQL, with github.com/jackc/pgx.
type postgres struct{ dialect.Postgres }

// Load implements [Loader] by COPY in binary format.
func (postgres) Load(ctx context.Context, conn *sql.Conn, _ *sql.Tx, table string, rows []row.Row) error {
	command := "COPY " + table + " (" + strings.Join(dialect.Columns(), ", ") + ") FROM STDIN BINARY"
	return conn.Raw(func(driver any) error {
		pg := driver.(*stdlib.Conn).Conn().PgConn()
		reader := &copyReader{rows: rows, buf: make([]byte, 0, copyBuffer)}
		defer reader.stop()
		tag, err := pg.CopyFrom(ctx, reader, command)
		switch {
		case err != nil:
			return fmt.Errorf("copy: %w", err)
		case tag.RowsAffected() != int64(len(rows)):
			return fmt.Errorf("copy: %d rows of %d arrived", tag.RowsAffected(), len(rows))
		}
		return nil
	})
}

// copyReader encodes rows in the binary format of COPY (PostgreSQL's manual, COPY).
type copyReader struct {
	mu      sync.Mutex // pgconn may go on reading after CopyFrom has failed
	rows    []row.Row
	buf     []byte // encoded; buf[off:] is not read yet
	off     int
	started bool
	ended   bool
}

// copyBuffer is the size of one message and one more row of usual size.
const copyBuffer = 66 << 10

const (
	copySignature = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00" // no flags, no extension
	postgresEpoch = 946_684_800_000_000                                    // 2000-01-01 in microseconds of Unix time
)

// Read implements [io.Reader].
func (c *copyReader) Read(p []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.buf)-c.off < len(p) && !c.ended {
		c.fill(len(p))
	}
	n = copy(p, c.buf[c.off:])
	c.off += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// stop ends the reading, so that the caller may use the rows again.
func (c *copyReader) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows, c.buf, c.off, c.ended = nil, nil, 0, true
}

// fill encodes until there are n bytes to read, or nothing is left.
func (c *copyReader) fill(n int) {
	c.buf = append(c.buf[:0], c.buf[c.off:]...)
	c.off = 0
	if !c.started {
		c.started = true
		c.buf = append(c.buf, copySignature...)
	}
	for ; len(c.rows) > 0; c.rows = c.rows[1:] {
		if len(c.buf) >= n {
			return
		}
		c.buf = appendCopy(c.buf, &c.rows[0])
	}
	c.buf = binary.BigEndian.AppendUint16(c.buf, 0xffff) // the end: -1 fields
	c.ended = true
}

// appendCopy appends one row: the number of fields, and for each its length and
// its bytes.
func appendCopy(buf []byte, r *row.Row) []byte {
	buf = binary.BigEndian.AppendUint16(buf, 2+row.Columns)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(r.ID)))
	buf = append(buf, r.ID[:]...)
	buf = binary.BigEndian.AppendUint32(buf, 8)
	buf = binary.BigEndian.AppendUint64(buf, uint64(r.ID.Time().UnixMicro()-postgresEpoch))
	for i := range r.Text {
		text := r.Text[i]
		switch {
		case text == "":
			buf = binary.BigEndian.AppendUint32(buf, 0xffffffff) // NULL: -1
			continue
		case i == row.Data: // jsonb: its version before the text
			buf = binary.BigEndian.AppendUint32(buf, uint32(len(text)+1))
			buf = append(buf, 1)
		default:
			buf = binary.BigEndian.AppendUint32(buf, uint32(len(text)))
		}
		buf = append(buf, text...)
	}
	return buf
}
