package dialect

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// Placer is the ability to say where the database of a data source name is.
type Placer interface {
	// Place returns the addresses of the servers and the name of the database, or the
	// path of the file and no address. It never returns users or passwords, and nothing
	// for a data source name that it cannot read.
	Place(dsn string) (addresses []string, database string)
}

// Place implements [Placer].
func (Postgres) Place(dsn string) (addresses []string, database string) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, ""
	}
	add := func(host string, port uint16) {
		address := net.JoinHostPort(host, strconv.Itoa(int(port)))
		if strings.HasPrefix(host, "/") {
			address = host // the folder of a socket
		}
		if !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	add(cfg.Host, cfg.Port)
	for _, other := range cfg.Fallbacks {
		add(other.Host, other.Port)
	}
	return addresses, cfg.Database
}

// Place implements [Placer].
func (MySQL) Place(dsn string) (addresses []string, database string) {
	if _, err := sqldsn.ParseMySQL(dsn); err != nil {
		return nil, ""
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, ""
	}
	return []string{cfg.Addr}, cfg.DBName
}

// Place implements [Placer].
func (ClickHouse) Place(dsn string) (addresses []string, database string) {
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		return nil, ""
	}
	return options.Addr, options.Auth.Database
}

// Place implements [Placer].
func (SQLite) Place(dsn string) (addresses []string, database string) {
	if path := sqldsn.SQLitePath(dsn); path != "" {
		return nil, path
	}
	return nil, ":memory:"
}
