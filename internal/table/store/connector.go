package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	_ "github.com/ClickHouse/clickhouse-go/v2" // registers the driver "clickhouse"
	"github.com/go-sql-driver/mysql"           // registers the driver "mysql"
	_ "github.com/jackc/pgx/v5/stdlib"         // registers the driver "pgx"
	_ "modernc.org/sqlite"                     // registers the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// OpenDB opens a database for another table than activity_log: with the settings that a
// writer needs, which the data source name can override in part, and without a limit of
// connections. It does not connect. No error has a part of the data source name.
func OpenDB(d dialect.Dialect, dsn string) (*sql.DB, error) {
	connector, _, err := connect(d, dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// connect returns what connects to a database, and its complete data source name.
func connect(d dialect.Dialect, dsn string) (connector driver.Connector, complete string, err error) {
	if complete, err = d.DSN(dsn); err != nil {
		return nil, "", fmt.Errorf("dsn: %w", err)
	}
	made, err := connectorOf(d.Driver(), complete)
	if err != nil {
		return nil, "", fmt.Errorf("open database: %w", withoutDSN(err, complete))
	}
	return cancelableConnector{made}, complete, nil
}

// connectorOf returns the connector of a driver that is compiled in.
func connectorOf(name, dsn string) (driver.Connector, error) {
	if name == "mysql" {
		return mysqlConnector(dsn)
	}
	db, err := sql.Open(name, dsn) // the only way to get a driver by its name
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	if with, ok := db.Driver().(driver.DriverContext); ok {
		return with.OpenConnector(dsn)
	}
	return opener{db.Driver(), dsn}, nil
}

// mysqlConnector returns a connector that does not log: the driver returns as an
// error what it would write to standard error. Other users of the driver in this
// process keep their logger.
func mysqlConnector(dsn string) (driver.Connector, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	cfg.Logger = &mysql.NopLogger{}
	return mysql.NewConnector(cfg)
}

// cancelableConnector gives up a connection attempt when its context ends. Not every
// driver does so: that of ClickHouse waits for minutes for a server that accepts the
// connection but does not answer.
type cancelableConnector struct{ driver.Connector }

// Connect implements [driver.Connector].
func (c cancelableConnector) Connect(ctx context.Context) (driver.Conn, error) {
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
