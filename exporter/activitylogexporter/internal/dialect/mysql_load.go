package dialect

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// mysqlReaders numbers the readers, which the driver keeps by name.
var mysqlReaders atomic.Int64

// Load implements [Loader] by LOAD DATA LOCAL. That never fails for the sake of a
// row: it skips what is there already, cuts what is too long, and warns. So each
// warning makes an error of it, and the transaction is rolled back.
func (MySQL) Load(ctx context.Context, _ *sql.Conn, tx *sql.Tx, table string, rows []row.Row) error {
	name := "activitylog-" + strconv.FormatInt(mysqlReaders.Add(1), 10)
	mysql.RegisterReaderHandler(name, func() io.Reader { return &mysqlReader{rows: rows} })
	defer mysql.DeregisterReaderHandler(name)
	result, err := tx.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+name+"' INTO TABLE "+table+
		` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`+strings.Join(Columns(), ", ")+")")
	if err != nil {
		return fmt.Errorf("load data: %w", err)
	}
	loaded, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("load data: %w", err)
	}
	return mysqlWarnings(ctx, tx, len(rows), int(loaded))
}

// mysqlLookup is how many ids one query looks up. MariaDB takes 1000 and more for
// a table to join with, and may then read the whole of the other one.
const mysqlLookup = 500

// Present implements [Prober].
func (MySQL) Present(ctx context.Context, tx *sql.Tx, table string, rows []row.Row) (map[activity.ID]bool, error) {
	present := map[activity.ID]bool{}
	for part := range slices.Chunk(rows, mysqlLookup) {
		ids := make([]any, len(part))
		for i := range part {
			ids[i] = part[i].ID.String()
		}
		query := "SELECT event_id FROM " + Quote(table) + " WHERE event_id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
		if err := mysqlIDs(ctx, tx, present, query, ids); err != nil {
			return nil, fmt.Errorf("look up rows: %w", err)
		}
	}
	return present, nil
}

// mysqlIDs adds the ids that a query finds.
func mysqlIDs(ctx context.Context, tx *sql.Tx, found map[activity.ID]bool, query string, args []any) error {
	result, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = result.Close() }()
	for result.Next() {
		var text string
		if err := result.Scan(&text); err != nil {
			return err
		}
		if id, err := activity.ParseID(text); err == nil { // else it is not one of ours
			found[id] = true
		}
	}
	return result.Err()
}

// mysqlWarning is a warning that stands for a row that was not loaded unchanged.
type mysqlWarning struct {
	verdict Verdict
	message string
}

// Error implements error.
func (e *mysqlWarning) Error() string { return e.message }

// mysqlWarnings returns an error unless all rows were loaded without a warning.
func mysqlWarnings(ctx context.Context, tx *sql.Tx, want, loaded int) error {
	var count int
	if err := tx.QueryRowContext(ctx, "SELECT @@warning_count").Scan(&count); err != nil {
		return fmt.Errorf("count warnings: %w", err)
	}
	if count == 0 && loaded == want {
		return nil
	}
	found := &mysqlWarning{message: fmt.Sprintf("load data: %d rows of %d arrived, with %d warnings", loaded, want, count)}
	found.verdict.Kind = Conflict
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
		case number != mysqlDuplicate && found.verdict.Kind == Conflict:
			found.verdict = mysqlVerdict(number, message)
			found.verdict.Kind = Refused // whatever it is, it is about a row
			found.message += ": " + message
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
	// mysqlUnsafe is no word about a row: with binlog_format = STATEMENT the
	// server notes that a replica might come to other rows.
	mysqlUnsafe = 1592
)

// Staging implements [Loader]. Its columns have the widest types, so that no value
// is truncated. The table is dropped each time, since an engine need
// not give back the space of rows that are deleted. It has a key because servers
// can be told to make no table without.
func (MySQL) Staging(table string) Staging {
	columns := Columns()
	types := make([]string, len(columns))
	for i, column := range columns {
		types[i] = column + " " + mysqlStagingType(column)
	}
	staging := `"` + strings.ReplaceAll(table, ".", "_") + `_staging"`
	drop := "DROP TEMPORARY TABLE IF EXISTS " + staging
	return Staging{
		Table: staging,
		Before: []string{drop, "CREATE TEMPORARY TABLE " + staging + " (" + strings.Join(types, ", ") +
			") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4"},
		Merge: mysqlSkip(Quote(table), columns, staging, "new.event_id"),
		After: []string{drop},
	}
}

func mysqlStagingType(column string) string {
	switch column {
	case "event_id":
		return "CHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY"
	case "action_time":
		return "DATETIME(6)"
	}
	return "LONGTEXT"
}

// mysqlReader is rows in the format of LOAD DATA.
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
	buf = r.ID.Time().AppendFormat(buf, mysqlTime)
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

// appendEscaped appends text with a backslash before what LOAD DATA would take
// for something else.
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

// MaxRead implements [Reader].
func (MySQL) MaxRead() int { return mysqlLookup }

// Read implements [Reader].
func (MySQL) Read(table string, columns []string, ids []activity.ID) (query string, args []any) {
	return readIn(Quote(table), columns, ids, questionMark)
}
