package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// openDB is [sql.Open] for a driver that is compiled in, whose connections are made
// by [impatient].
func openDB(name, dsn string) (*sql.DB, error) {
	db, err := sql.Open(name, dsn)
	if err != nil {
		return nil, err
	}
	connector := driver.Connector(opener{db.Driver(), dsn})
	if with, ok := db.Driver().(driver.DriverContext); ok {
		if connector, err = with.OpenConnector(dsn); err != nil {
			return nil, err
		}
	}
	return sql.OpenDB(impatient{connector}), db.Close()
}

// impatient makes connections that are given up when their context ends. Not each
// driver heeds it: that of ClickHouse waits for minutes for a server that accepts
// the connection and says nothing.
type impatient struct{ driver.Connector }

// Connect implements [driver.Connector].
func (c impatient) Connect(ctx context.Context) (driver.Conn, error) {
	type result struct {
		conn driver.Conn
		err  error
	}
	made := make(chan result, 1)
	go func() {
		conn, err := c.Connector.Connect(ctx)
		made <- result{conn, err}
	}()
	select {
	case r := <-made:
		return r.conn, r.err
	case <-ctx.Done():
		go func() {
			if late := <-made; late.err == nil {
				_ = late.conn.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// opener is a [driver.Connector] for a driver that has none.
type opener struct {
	driver driver.Driver
	dsn    string
}

// Connect implements [driver.Connector].
func (o opener) Connect(context.Context) (driver.Conn, error) { return o.driver.Open(o.dsn) }

// Driver implements [driver.Connector].
func (o opener) Driver() driver.Driver { return o.driver }
