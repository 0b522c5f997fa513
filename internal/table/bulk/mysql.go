package bulk

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// mysqlReaders numbers the readers, because the driver registers them by name.
var mysqlReaders atomic.Int64

// mysqlBulk moves rows by the protocol of MySQL, with github.com/go-sql-driver/mysql.
type mysqlBulk struct{}

// Load implements [Loader] by LOAD DATA LOCAL. That never fails because of a row: it
// skips rows that exist, truncates long values, and warns. So every warning is an
// error here, and the transaction is rolled back.
func (mysqlBulk) Load(ctx context.Context, _ *sql.Conn, tx *sql.Tx, table string, rows []row.Row) error {
	name := "activitylog-" + strconv.FormatInt(mysqlReaders.Add(1), 10)
	mysql.RegisterReaderHandler(name, func() io.Reader { return &mysqlReader{rows: rows} })
	defer mysql.DeregisterReaderHandler(name)
	result, err := tx.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' INTO TABLE "+table+
		` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`+strings.Join(dialect.Columns(), ", ")+")")
	if err != nil {
		return fmt.Errorf("load data: %w", err)
	}
	loaded, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("load data: %w", err)
	}
	return mysqlWarnings(ctx, tx, len(rows), int(loaded))
}

// mysqlWarnings returns an error unless all rows were loaded without a warning.
func mysqlWarnings(ctx context.Context, tx *sql.Tx, want, loaded int) error {
	var count int
	if err := tx.QueryRowContext(ctx, "SELECT @@warning_count").Scan(&count); err != nil {
		return fmt.Errorf("count warnings: %w", err)
	}
	if count == 0 && loaded == want {
		return nil
	}
	found := &dialect.LoadWarningError{Message: fmt.Sprintf("load data: %d rows of %d arrived, with %d warnings", loaded, want, count)}
	listed, err := tx.QueryContext(ctx, "SHOW WARNINGS")
	if err != nil {
		return fmt.Errorf("list warnings: %w", err)
	}
	defer listed.Close()
	harmless := 0
	for listed.Next() {
		var level, message string
		var number int
		if err := listed.Scan(&level, &number, &message); err != nil {
			return fmt.Errorf("read warning: %w", err)
		}
		switch {
		case number == mysqlUnsafe:
			harmless++
		case number != mysqlDuplicate && found.Number == 0:
			found.Number, found.Warning = number, message
			found.Message += ": " + message
		}
	}
	if err := listed.Err(); err != nil {
		return fmt.Errorf("list warnings: %w", err)
	}
	if loaded == want && harmless == count {
		return nil
	}
	return found
}

const (
	mysqlDuplicate = 1062
	// mysqlUnsafe is not about a row: with binlog_format = STATEMENT the server warns
	// that a replica might get other rows.
	mysqlUnsafe = 1592
)

// mysqlReader encodes rows in the format of LOAD DATA.
type mysqlReader struct {
	rows []row.Row
	buf  []byte // encoded; buf[off:] is not read yet
	off  int
}

// Read implements [io.Reader].
func (r *mysqlReader) Read(p []byte) (n int, err error) {
	if len(r.buf)-r.off < len(p) && len(r.rows) > 0 {
		r.buf = append(r.buf[:0], r.buf[r.off:]...)
		r.off = 0
		for ; len(r.buf) < len(p) && len(r.rows) > 0; r.rows = r.rows[1:] {
			r.buf = appendLoad(r.buf, &r.rows[0])
		}
	}
	n = copy(p, r.buf[r.off:])
	r.off += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// appendLoad appends one row: fields between tabs, \N for NULL.
func appendLoad(buf []byte, r *row.Row) []byte {
	buf = r.ID.Append(buf)
	buf = append(buf, '\t')
	buf = r.ID.Time().AppendFormat(buf, dialect.MySQLTime)
	for _, text := range r.Text {
		buf = append(buf, '\t')
		if text == "" {
			buf = append(buf, '\\', 'N')
			continue
		}
		buf = appendEscaped(buf, text)
	}
	return append(buf, '\n')
}

// appendEscaped appends text with a backslash before characters that have a meaning
// for LOAD DATA.
func appendEscaped(buf []byte, text string) []byte {
	from := 0
	for i := range len(text) {
		c := text[i]
		if c > '\\' {
			continue
		}
		switch c {
		case 0:
			c = '0'
		case '\t':
			c = 't'
		case '\n':
			c = 'n'
		case '\\':
		default:
			continue
		}
		buf = append(buf, text[from:i]...)
		buf = append(buf, '\\', c)
		from = i + 1
	}
	return append(buf, text[from:]...)
}
