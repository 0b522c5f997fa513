package drivers_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/reader"
)

// recorder is a database that notes its queries. It is also how a service gives a reader
// a database of its own.
type recorder struct {
	driver driver.Driver
	dsn    string

	mu    sync.Mutex
	query string // the last one
	args  []any
	err   error // of the next ones
}

// recorded returns a reader whose queries are noted.
func (db *database) recorded(t *testing.T) (*reader.Reader, *recorder) {
	t.Helper()
	rec := &recorder{driver: db.writer.Driver(), dsn: db.writerDSN}
	if db.driver == "postgres" {
		rec.dsn += "&default_query_exec_mode=exec&random_page_cost=1.1" // as package drivers has it
	}
	r, err := reader.New(t.Context(), sql.OpenDB(rec), reader.Dialect(db.driver))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, rec
}

// last returns the last query.
func (r *recorder) last() (query string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.query, r.args
}

// fail gives all queries of the table an error.
func (r *recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Connect implements [driver.Connector].
func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	conn, err := r.driver.Open(r.dsn)
	return &recorderConn{conn, r}, err
}

// Driver implements [driver.Connector].
func (r *recorder) Driver() driver.Driver { return r.driver }

type recorderConn struct {
	driver.Conn
	recorder *recorder
}

// QueryContext implements [driver.QueryerContext].
func (c *recorderConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.recorder.mu.Lock()
	c.recorder.query, c.recorder.args = query, nil
	for _, arg := range args {
		c.recorder.args = append(c.recorder.args, arg.Value)
	}
	failed := c.recorder.err
	c.recorder.mu.Unlock()
	if failed != nil && strings.Contains(query, "activity_log") {
		return nil, failed
	}
	queryer, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, errors.New("the driver cannot query")
	}
	return queryer.QueryContext(ctx, query, args)
}
