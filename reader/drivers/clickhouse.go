package drivers

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// openClickHouse opens a URL, of the native protocol or of HTTP.
func openClickHouse(dsn string) (*sql.DB, error) {
	scheme, _, _ := strings.Cut(dsn, "://")
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil || !slices.Contains([]string{"clickhouse", "tcp", "http", "https"}, scheme) {
		return nil, errors.New(`must be a ClickHouse URL, "clickhouse://user:password@host:9000/database" or ` +
			`"https://user:password@host:8443/database?secure=true", with special characters of the password percent-encoded`)
	}
	if options.Settings == nil {
		options.Settings = clickhouse.Settings{}
	}
	if _, given := options.Settings["readonly"]; !given { // an account whose profile has 1 must say so: it cannot set 2
		options.Settings["readonly"] = 2
	}
	if !strings.Contains(dsn, "dial_timeout=") { // the driver's own is 30 seconds
		options.DialTimeout = 5 * time.Second
	}
	return clickhouse.OpenDB(options), nil
}
