package drivers

import (
	"database/sql"
	"net/url"

	"github.com/go-sql-driver/mysql"

	"github.com/otelactivity/activitylog/internal/sqldsn"
)

var (
	// mysqlDefaults are settings that the data source name can override.
	mysqlDefaults = url.Values{
		"timeout":           {"10s"},
		"interpolateParams": {"true"}, // one round trip for a query, instead of three
	}.Encode()

	// mysqlMust override the data source name. MySQL and MariaDB have different names
	// for the last variable, and each reads its own kind of comment, so it is appended
	// to another one.
	mysqlMust = url.Values{
		"charset":     {"utf8mb4"},
		"time_zone":   {"'+00:00'"},
		"lc_messages": {"'en_US', /*!80000 transaction_read_only *//*M! tx_read_only */ = 1"},
	}.Encode()
)

// openMySQL opens the form of the Go driver, "user:password@tcp(host:3306)/database".
func openMySQL(dsn string) (*sql.DB, error) {
	parts, err := sqldsn.ParseMySQL(dsn)
	if err != nil || parts.Database == "" {
		return nil, sqldsn.ErrMySQL
	}
	cfg, err := mysql.ParseDSN(parts.Server + "/" + parts.Database + "?" + mysqlDefaults + "&" + parts.Params + "&" + mysqlMust)
	if err != nil { // not the driver's error, which may have parts of the password
		return nil, sqldsn.ErrMySQL
	}
	cfg.Logger = &mysql.NopLogger{} // what it would log, it returns as an error
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, sqldsn.ErrMySQL
	}
	return sql.OpenDB(connector), nil
}
